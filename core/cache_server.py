"""Ask the cache server, and wait for it once only when it does not answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any, Final, TypeVar

import redis

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")

# For so long nothing waits for a cache server that did not answer.
PAUSE_SECONDS: Final = 5

_paused_until = 0.0


def ask_cache(question: Callable[..., Answer], *arguments: Any) -> Answer | None:
    """Return the answer of the cache server, or None while it is away."""
    global _paused_until
    if monotonic() < _paused_until:
        return None
    try:
        return question(*arguments)
    except redis.RedisError as error:
        _paused_until = monotonic() + PAUSE_SECONDS
        logger.warning("The cache server does not work", exc_info=error)
        return None
