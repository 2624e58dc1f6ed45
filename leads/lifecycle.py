"""Change the stage or the owner of a lead; no other module does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from core.errors import Refused
from core.unit_of_work import UnitOfWork
from leads.event_log import record
from leads.events import REVERSED, OwnerChanged, StageChanged
from leads.models import Lead
from leads.stages import AFTER_REVERSAL, Stage, is_closed, may_move

# Columns that a move along the funnel may change.
COLUMNS_OF_MOVES: Final = (
    *("stage", "stage_entered_at", "closed_at", "owner_id", "queue_id"),
    *("amount", "currency", "wake_on"),
)


class IllegalMove(Refused):
    code = "illegal_move"


def move(
    work: UnitOfWork,
    *,
    lead: Lead,
    to: Stage,
    at: datetime,
    actor_id: int | None = None,
    why: str,
    skipping: bool = False,
    reason: str = "",
    amount: str = "",
    currency: str = "",
) -> None:
    """Move a locked lead along the funnel. Nothing else writes `Lead.stage`.

    `skipping` allows imported history to skip stages (MQL to won), but not to reopen a lead.
    """
    refuse_unless_legal(lead, to, skipping=skipping)
    payload = StageChanged(why=why, reason=reason, amount=amount, currency=currency)
    _enter(work, lead, to, payload, at=at, actor_id=actor_id)


def reverse_won(
    work: UnitOfWork, *, lead: Lead, to: Stage, at: datetime, actor_id: int, reason: str
) -> None:
    """Take back that a locked lead was won; no other closed lead is ever opened again."""
    if lead.stage != Stage.WON or to not in AFTER_REVERSAL:
        raise IllegalMove("Only a won deal can be reversed, to an opportunity or to lost.")
    _enter(work, lead, to, StageChanged(why=REVERSED, reason=reason), at=at, actor_id=actor_id)


def _enter(
    work: UnitOfWork,
    lead: Lead,
    to: Stage,
    payload: StageChanged,
    *,
    at: datetime,
    actor_id: int | None,
) -> None:
    start = lead.stage
    work.set(
        lead,
        stage=to.value,
        stage_entered_at=at,
        closed_at=at if is_closed(to) else None,
    )
    if lead.wake_on is not None:
        work.set(lead, wake_on=None)
    record(
        work,
        lead.pk,
        payload,
        at=at,
        actor_id=actor_id,
        from_stage=start,
        to_stage=to.value,
    )


def restore(work: UnitOfWork, *, lead: Lead, columns: Mapping[str, Any]) -> None:
    """Set a locked lead back to the columns it had before moves that the caller's event undoes."""
    work.set(lead, **{name: columns[name] for name in COLUMNS_OF_MOVES})


def refuse_unless_legal(lead: Lead, to: Stage, *, skipping: bool = False) -> None:
    start = Stage(lead.stage)
    if is_closed(start) or not (skipping or may_move(start, to)):
        raise IllegalMove(f"A lead cannot move from “{start.label}” to “{to.label}”.")


def assign(
    work: UnitOfWork,
    *,
    lead: Lead,
    at: datetime,
    why: str,
    owner_id: int | None = None,
    queue_id: int | None = None,
    actor_id: int | None = None,
) -> None:
    """Assign a locked lead to a person or a queue; an open lead always has one of them."""
    if (lead.owner_id, lead.queue_id) == (owner_id, queue_id):
        return
    work.set(lead, owner_id=owner_id, queue_id=queue_id)
    record(
        work,
        lead.pk,
        OwnerChanged(user=owner_id, team=queue_id, why=why),
        at=at,
        actor_id=actor_id,
    )
