"""Limit the requests of a key per minute, counted in the cache server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import redis
from django.conf import settings

from core.cache_server import ask_cache

WINDOW_SECONDS: Final = 60
# Names and syntax of the headers are those of draft-ietf-httpapi-ratelimit-headers.
POLICY: Final = "requests"


@cache
def server() -> redis.Redis:
    options: Any = settings.CACHES["default"]["OPTIONS"]
    return redis.Redis.from_url(settings.REDIS_URL, **options)


@dataclass(frozen=True, slots=True)
class Usage:
    """The requests of a client in this minute, and the seconds until the next one begins."""

    limit: int
    count: int
    seconds_left: int

    @property
    def is_exceeded(self) -> bool:
        return self.count > self.limit

    @property
    def header(self) -> str:
        left = max(self.limit - self.count, 0)
        return f'"{POLICY}";r={left};t={self.seconds_left}'


def policy_header(limit: int) -> str:
    return f'"{POLICY}";q={limit};w={WINDOW_SECONDS}'


def count_request(name: str, limit: int, *, at: datetime) -> Usage | None:
    """Count a request in its window of a minute.

    Without the cache server there is no limit: losing leads is worse than too many requests.
    """
    second = int(at.timestamp())
    counter = f"requests:{name}:{second // WINDOW_SECONDS}"
    pipeline = server().pipeline(transaction=False)
    pipeline.incr(counter)
    pipeline.expire(counter, 2 * WINDOW_SECONDS)
    answers = ask_cache(pipeline.execute)
    if answers is None:
        return None
    count, _ = answers
    return Usage(limit, count, WINDOW_SECONDS - second % WINDOW_SECONDS)
