"""Close a handoff that sales rejects or cannot evaluate."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.unit_of_work import UnitOfWork
from handoff.locking import Locked
from handoff.models import Handoff
from handoff.sla.clocks import cancel_clocks, stop_clocks
from leads.models import EventKind
from people.models import User

State = Handoff.State


def close_handoff(
    work: UnitOfWork,
    locked: Locked,
    state: Handoff.State,
    *,
    by: User,
    at: datetime,
    **columns: Any,
) -> None:
    """Close the handoff and its clocks; the caller decides what happens to the lead."""
    work.set(
        locked.handoff,
        state=state.value,
        answered_at=locked.handoff.answered_at or at,
        answered_by_id=locked.handoff.answered_by_id or by.pk,
        closed_at=at,
        **columns,
    )
    stop_clocks(work, locked.clocks, EventKind(state.value), at=at, actor_id=by.pk)
    cancel_clocks(work, locked.clocks, at=at)
