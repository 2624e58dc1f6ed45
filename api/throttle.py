"""Limit the requests of a key per minute, counted in the cache server."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import cache
from typing import Final

import redis
from django.conf import settings

logger = logging.getLogger(__name__)

WINDOW_SECONDS: Final = 60


@cache
def server() -> redis.Redis:
    options = settings.CACHES["default"]["OPTIONS"]
    return redis.Redis.from_url(settings.REDIS_URL, **options)


def seconds_to_wait(name: str, limit: int, *, at: datetime) -> int:
    """Count a request; return 0 if it is within the limit, else the seconds to the next window.

    Without the cache server there is no limit: losing leads is worse than too many requests.
    """
    second = int(at.timestamp())
    counter = f"requests:{name}:{second // WINDOW_SECONDS}"
    pipeline = server().pipeline(transaction=False)
    pipeline.incr(counter)
    pipeline.expire(counter, 2 * WINDOW_SECONDS)
    try:
        count, _ = pipeline.execute()
    except redis.RedisError:
        logger.warning("The cache server does not answer; requests are not limited.")
        return 0
    return WINDOW_SECONDS - second % WINDOW_SECONDS if count > limit else 0
