"""Record every change of configuration in the database: old and new values, time and user.

Triggers also catch bulk and raw SQL changes. `recorded_for` sets the user once per transaction,
because the library's own middleware prepends a command to every statement, which server-side
parameter binding does not allow.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pghistory
from django.db import connection, models, transaction

M = TypeVar("M", bound=type[models.Model])


def tracked(*, exclude: tuple[str, ...] = ()) -> Callable[[M], M]:
    """Record each version of a row in `<Model>Event`; excluded fields are not watched."""
    decorator: Callable[[M], M] = pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        exclude=list(exclude),
        append_only=True,
    )
    return decorator


@contextmanager
def recorded_for(*, user_id: int | None, path: str) -> Iterator[None]:
    """Open a transaction whose changes are recorded with this user and page."""
    context = json.dumps({"user": user_id, "url": path})
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pghistory.context_id', %s, true), "
            "set_config('pghistory.context_metadata', %s, true)",
            [str(uuid.uuid4()), context],
        )
        yield
