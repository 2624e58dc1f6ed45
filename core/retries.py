"""Retries at the edge: who loses a race for a row decides again on what the winner wrote."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import IntegrityError, OperationalError
from psycopg import errors

T = TypeVar("T")

TRIES: Final = 6
# Two touches of one person at once: the second finds the first's contact and lead on the next try.
RACED: Final = (
    errors.UniqueViolation,
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
)


def with_retries(work: Callable[[], T]) -> T:
    """Run `work`, which opens its own transaction, again while it lost a race."""
    for attempt in range(1, TRIES + 1):
        try:
            return work()
        except (IntegrityError, OperationalError) as error:
            if attempt == TRIES or not isinstance(error.__cause__, RACED):
                raise
            time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311  (not a secret)
    raise AssertionError("unreachable")
