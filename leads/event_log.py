"""Write to the event log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection

from core.unit_of_work import UnitOfWork, reserve_ids
from leads.events import Payload
from leads.models import LeadEvent

TABLE: Final = LeadEvent._meta.db_table
# Only the trigger that keeps events from being changed is off, and only for one statement.
GUARD_OFF: Final = """
    SELECT set_config('pgtrigger.ignore', array_agg(tgname)::text, true)
    FROM pg_trigger WHERE tgname LIKE 'pgtrigger\\_events\\_are\\_append\\_only%'
"""
GUARD_ON: Final = "SELECT set_config('pgtrigger.ignore', '{}', true)"


def record(
    work: UnitOfWork,
    lead_id: int,
    payload: Payload,
    *,
    at: datetime,
    actor_id: int | None = None,
    from_stage: str = "",
    to_stage: str = "",
) -> None:
    """Add an event to the unit of work of the change it describes."""
    work.add_row(
        LeadEvent,
        lead_id=lead_id,
        kind=payload.EVENT.value,
        occurred_at=at,
        actor_id=actor_id,
        from_stage=from_stage,
        to_stage=to_stage,
        payload=payload.to_json(),
    )


def number_events(work: UnitOfWork, ids: Sequence[int] | None = None) -> list[int]:
    """Give ids to the events of a unit of work, so that a later event can take them back.

    `ids` were reserved under the lock of the lead, in ascending order and for at least as many.
    """
    rows = work.inserts[LeadEvent]
    used = list(ids or reserve_ids(LeadEvent, len(rows)))[: len(rows)]
    for row, event_id in zip(rows, used, strict=True):
        row["id"] = event_id
    return used


def forget_transactions(*, since: int) -> None:
    """Make the events of another database cluster, from which a backup came, the oldest.

    Its transactions may have higher numbers than those of this cluster will have for years.
    """
    with connection.cursor() as cursor:
        cursor.execute(GUARD_OFF)
        cursor.execute(f"UPDATE {TABLE} SET transaction = 0 WHERE transaction >= %s", [since])  # noqa: S608  (no input in it)
        cursor.execute(GUARD_ON)
