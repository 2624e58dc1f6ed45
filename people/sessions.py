"""Sessions in the database, read from the cache server while it answers."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from core.cache_server import ask_cache
from people.models import Session

# A session that was ended while the cache server was away lives this long in the cache at most.
CACHED_SECONDS: Final = 60
SEEN_EVERY: Final = timedelta(hours=1)
MAX_USER_AGENT: Final = 300
KEY: Final = re.compile(r"[a-z0-9]{32}")


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _validate_session_key(self, key: str | None) -> bool:
        """Refuse what a client made up before the cache or the database is asked for it."""
        return bool(key and KEY.fullmatch(key))

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session: Session = super().create_model_instance(data)  # type: ignore[assignment]  # its model
        session.user_id = data.get(SESSION_KEY)
        session.seen_at = timezone.now()
        return session

    def load(self) -> dict[str, Any]:
        data = ask_cache(cache.get, self.cache_key)
        if data is None:
            data = super().load()
            if data:
                ask_cache(cache.set, self.cache_key, data, CACHED_SECONDS)
        return dict(data)

    def save(self, must_create: bool = False) -> None:
        super().save(must_create)
        ask_cache(cache.set, self.cache_key, dict(self.items()), CACHED_SECONDS)

    def delete(self, session_key: str | None = None) -> None:
        super().delete(session_key)
        if key := session_key or self.session_key:
            ask_cache(cache.delete, cache_key_of(key))

    def _get_session_from_db(self) -> Session | None:
        """Note once in an hour that the session is in use; the cache asks once in a minute."""
        session: Session | None = super()._get_session_from_db()  # type: ignore[misc]  # not in the stubs
        now = timezone.now()
        if session and session.seen_at < now - SEEN_EVERY:
            Session.objects.filter(pk=session.pk).update(seen_at=now)
        return session

    @property
    def cache_key(self) -> str:
        return cache_key_of(self.session_key)


def cache_key_of(session_key: str | None) -> str:
    return f"{__name__}{session_key}"


def describe_session(request: HttpRequest, *, at: datetime) -> None:
    """Keep what the user recognizes a session by; the row is written once, with the sign-in."""
    request.session["user_agent"] = request.headers.get("User-Agent", "")[:MAX_USER_AGENT]
    request.session["signed_in_at"] = at.isoformat()


def end_sessions(session_keys: Collection[str]) -> None:
    Session.objects.filter(pk__in=session_keys).delete()
    ask_cache(cache.delete_many, [cache_key_of(key) for key in session_keys])
