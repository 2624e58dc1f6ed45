"""How many requests a key may make in a minute, counted in the cache server."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import cache
from typing import Final

import redis
from django.conf import settings

logger = logging.getLogger(__name__)

WINDOW: Final = 60


@cache
def server() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


def wait_for_turn(name: str, limit: int, *, at: datetime) -> int:
    """Count one request; 0 when it may go on, else the seconds until the next window.

    Without the cache server nobody is held back: losing leads is worse than a flood.
    """
    second = int(at.timestamp())
    counter = f"requests:{name}:{second // WINDOW}"
    try:
        count = int(server().incr(counter))
        if count == 1:
            server().expire(counter, 2 * WINDOW)
    except redis.RedisError:
        logger.warning("The cache server does not answer; requests are not being limited.")
        return 0
    return WINDOW - second % WINDOW if count > limit else 0
