"""Sessions in the database, read from the cache server while it answers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any, Final, TypeVar

import redis
from django.contrib.sessions.backends import db
from django.core.cache import cache

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")

# A session that was ended while the cache server was away lives this long in the cache at most.
CACHED_SECONDS: Final = 60
# For so long nothing waits for a cache server that did not answer.
PAUSE_SECONDS: Final = 5

_paused_until = 0.0


def ask_cache(question: Callable[..., Answer], *arguments: Any) -> Answer | None:
    """Return the answer of the cache, or None while its server is away."""
    global _paused_until
    if monotonic() < _paused_until:
        return None
    try:
        return question(*arguments)
    except redis.RedisError as error:
        _paused_until = monotonic() + PAUSE_SECONDS
        logger.warning("Sessions are read from the database", exc_info=error)
        return None


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
