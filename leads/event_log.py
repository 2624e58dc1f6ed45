"""Write to the event log."""

from __future__ import annotations

from datetime import datetime

from core.unit_of_work import UnitOfWork
from leads.events import Payload
from leads.models import LeadEvent


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
        {
            "lead_id": lead_id,
            "kind": payload.EVENT.value,
            "occurred_at": at,
            "actor_id": actor_id,
            "from_stage": from_stage,
            "to_stage": to_stage,
            "payload": payload.to_json(),
        },
    )
