"""Retry a transaction that lost a unique-key or deadlock race."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import IntegrityError, OperationalError
from psycopg import errors

from core.formatting import AMERICAN, shown_in

T = TypeVar("T")

MAX_ATTEMPTS: Final = 6
# As for two touches of a new contact at once: on its retry the second finds the first one's rows.
RACE_ERRORS: Final = (
    errors.UniqueViolation,
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
)


def with_retries(work: Callable[[], T]) -> T:
    """Run `work`, which opens its own transaction, until it loses no race.

    What it stores has the dates and numbers of messages, however its user reads pages.
    """
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            with shown_in(AMERICAN):
                return work()
        except (IntegrityError, OperationalError) as error:
            if attempt == MAX_ATTEMPTS or not isinstance(error.__cause__, RACE_ERRORS):
                raise
            time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311  (not a secret)
    raise AssertionError("unreachable")
