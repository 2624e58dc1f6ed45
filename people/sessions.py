"""Sessions in the database, read from the cache server while it answers."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.sessions.backends import db
from django.core.cache import cache

from core.cache_server import ask_cache

# A session that was ended while the cache server was away lives this long in the cache at most.
CACHED_SECONDS: Final = 60


class SessionStore(db.SessionStore):
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
            ask_cache(cache.delete, f"{__name__}{key}")

    @property
    def cache_key(self) -> str:
        return f"{__name__}{self.session_key}"
