from __future__ import annotations

import time
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

BATCH: Final = 1000
# Well within the time limit of a task; the next night continues.
MAX_SECONDS: Final = 120


def purge(rows: QuerySet[Any, Any], *, batch: int = BATCH) -> int:
    """Delete `rows` in short transactions, oldest first, skipping rows that are locked.

    Ordering by primary key approximates age, so no batch needs an index of its own.
    """
    stop = time.monotonic() + MAX_SECONDS
    purged = deleted = purge_batch(rows, batch)
    while deleted == batch and time.monotonic() < stop:
        deleted = purge_batch(rows, batch)
        purged += deleted
    return purged


@transaction.atomic
def purge_batch(rows: QuerySet[Any, Any], batch: int) -> int:
    claimed = rows.select_for_update(skip_locked=True).order_by("pk")[:batch]
    keys = list(claimed.values_list("pk", flat=True))
    deleted: int = rows.model._default_manager.filter(pk__in=keys).delete()[0]
    return deleted
