"""Accept an offered lead."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core.unit_of_work import UnitOfWork
from handoff.answers.undo import MAX_EVENTS, keep_undoable
from handoff.locking import lock_handoff, refuse_if_answered
from handoff.models import Handoff
from handoff.sla.clocks import keep_due_at, stop_clocks
from leads import lifecycle
from leads.event_log import record
from leads.events import Accepted
from leads.models import EventKind
from leads.stages import Stage
from people.models import User

State = Handoff.State


@transaction.atomic
def accept_handoff(*, handoff_id: int, by: User, at: datetime) -> Handoff:
    """Accept a lead offered to a rep, or pull one from a queue."""
    locked = lock_handoff(handoff_id, by=by, at=at, events=MAX_EVENTS)
    handoff, lead = locked.handoff, locked.lead
    refuse_if_answered(handoff, also_accepted=False)
    work = UnitOfWork()
    owner_id = handoff.owner_id or by.pk
    work.set(
        handoff,
        state=State.ACCEPTED.value,
        owner_id=owner_id,
        answered_at=at,
        answered_by_id=by.pk,
        viewed_at=handoff.viewed_at or at,
    )
    stop_clocks(work, locked.clocks, EventKind.ACCEPTED, at=at, actor_id=by.pk)
    keep_due_at(work, handoff, locked.clocks)
    record(
        work,
        lead.pk,
        Accepted(handoff=handoff.pk, user=by.pk),
        at=at,
        actor_id=by.pk,
    )
    # The stage is SAL already if an earlier owner accepted the lead and missed the first contact.
    if lead.stage == Stage.MQL:
        lifecycle.move(work, lead=lead, to=Stage.SAL, at=at, actor_id=by.pk, why="accepted")
    lifecycle.assign(work, lead=lead, owner_id=owner_id, at=at, actor_id=by.pk, why="accepted")
    keep_undoable(work, locked, EventKind.ACCEPTED, by=by, at=at)
    work.write()
    return handoff
