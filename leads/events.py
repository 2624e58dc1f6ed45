"""Writing to the log: one call for each thing that happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.unit_of_work import UnitOfWork
from leads.models import EventKind, LeadEvent


def record(
    work: UnitOfWork,
    lead_id: int,
    kind: EventKind,
    /,
    *,
    at: datetime,
    actor_id: int | None = None,
    from_stage: str = "",
    to_stage: str = "",
    **payload: Any,
) -> None:
    """Add an event to the changes it belongs to, so that both are written or neither."""
    work.add(
        LeadEvent(
            lead_id=lead_id,
            kind=kind.value,
            occurred_at=at,
            actor_id=actor_id,
            from_stage=from_stage,
            to_stage=to_stage,
            payload=payload,
        )
    )
