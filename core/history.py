"""Every change to what operations edit is kept by the database: old and new value, when, by whom.

Triggers see bulk and raw changes too. Who did it is set per transaction by `recorded_for`; the
library's own middleware puts a second command before every statement, which server-side
parameters do not allow.
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
    """Keep each version of a row in `<Model>Event`; a change of an excluded field is none."""
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
    """One transaction whose changes are kept with who made them, and on which page."""
    context = json.dumps({"user": user_id, "url": path})
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pghistory.context_id', %s, true), "
            "set_config('pghistory.context_metadata', %s, true)",
            [str(uuid.uuid4()), context],
        )
        yield
