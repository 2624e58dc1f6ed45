"""Take the step of every due clock: any number of workers, each clock and step once."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from core.retries import with_retries
from core.unit_of_work import UnitOfWork
from handoff.escalation.handlers import StepContext, take_step
from handoff.escalation.plan import EscalationPlan
from handoff.escalation_steps import NOTIFY, WARN
from handoff.models import Handoff, SlaClock
from handoff.sla import clocks
from people.covers import cover_of
from people.notice_kinds import NoticeDraft
from people.notices import write_notices

logger = logging.getLogger(__name__)

# The cover of the owner by handoff, if one covers at the moment.
Covers = Mapping[int, int | None]

BATCH_SIZE: Final = 1000
# A clock whose step fails is looked at again later, and never holds up the others.
POSTPONE: Final = timedelta(minutes=10)
# Columns that the steps read of a claimed handoff and its lead.
CLAIMED_COLUMNS: Final = (
    *("lead", "leg", "owner", "queue", "team", "closed_at", "policy", "hop", "previous"),
    "waits_for",
    *("lead__owner", "lead__queue", "lead__lead_type", "lead__temperature"),
    *("lead__returned_at", "lead__missing_fields", "lead__wake_on", "lead__stage_entered_at"),
)


def sweep(*, at: datetime, batch: int = BATCH_SIZE) -> int:
    """Claim up to `batch` due clocks and take their step; return how many handoffs had one."""
    if oldest_due(at=at) is None:
        return 0
    try:
        return _sweep_batch(at, batch)
    except Exception:
        logger.exception("A batch of clocks failed; taking them one by one")
    ids = _due(at).order_by("next_action_at", "pk").values_list("pk", flat=True)[:batch]
    return sum(_sweep_clock(pk, at) for pk in list(ids))


def oldest_due(*, at: datetime) -> datetime | None:
    """Return since when the clock that waits longest for its step is due.

    Without an order, the plan of the prepared statement reads the whole table if none is due.
    """
    due = _due(at).order_by("next_action_at").values_list("next_action_at", flat=True)
    return due.first()


def _due(at: datetime) -> QuerySet[SlaClock]:
    return SlaClock.objects.filter(stopped_at=None, next_action_at__lte=at)


def _sweep_clock(pk: int, at: datetime) -> int:
    try:
        return _sweep_batch(at, 1, only=pk)
    except Exception:
        logger.exception("Could not take the step of clock %s; postponed", pk)
        SlaClock.objects.filter(pk=pk).update(next_action_at=at + POSTPONE)
        return 0


def _sweep_batch(at: datetime, batch: int, only: int | None = None) -> int:
    return with_retries(partial(_take_steps, at, batch, only))


@transaction.atomic
def _take_steps(at: datetime, batch: int, only: int | None) -> int:
    handoffs, covers = _claim(at, batch, only)
    # Read after the locks: a clock that was stopped while they were taken is left alone.
    running = clocks.running_clocks(handoffs)
    work, notices = UnitOfWork(), list[NoticeDraft]()
    late = []
    escalated = set()
    for clock in running:
        clock.handoff = handoffs[clock.handoff_id]
        if clock.handoff.closed_at is not None:
            clocks.cancel_clocks(work, [clock], at=at)
        elif clock.next_action_at is None or clock.next_action_at > at:
            continue
        elif clock.due_at > at:
            notices += take_step(WARN, StepContext(work, clock, at, covers[clock.handoff_id]))
        else:
            late.append(clock)
        escalated.add(clock.handoff_id)
    if late:
        notices += escalate(work, late, running, covers, at=at)
    work.write()
    write_notices(notices, at=at)
    # Fewer than were claimed if another worker took a step before our lock.
    return len(escalated)


def escalate(
    work: UnitOfWork,
    late: Sequence[SlaClock],
    running: Sequence[SlaClock],
    covers: Covers,
    *,
    at: datetime,
) -> list[NoticeDraft]:
    """Breach the late among the running clocks of locked handoffs and escalate each once."""
    for clock in late:
        clocks.breach_if_due(work, clock, at=at)
    plan = EscalationPlan(work, late, running, at=at)
    notices: list[NoticeDraft] = []
    for clock in late:
        destination = plan.destination(clock)
        context = StepContext(work, clock, at, covers[clock.handoff_id], plan, destination)
        notices += take_step(NOTIFY, context)
        if destination is not None:
            notices += take_step(destination.step, context)
    return notices


def _claim(at: datetime, batch: int, only: int | None) -> tuple[dict[int, Handoff], Covers]:
    """Lock handoff and lead together or skip them: a busy one comes up at the next sweep."""
    due = _due(at)
    if only is not None:
        due = due.filter(pk=only)
    claimed = (
        due.select_related("handoff__lead")
        .only("handoff", *(f"handoff__{column}" for column in CLAIMED_COLUMNS))
        .annotate(cover=cover_of("handoff__owner", at=at))
        .order_by("next_action_at", "pk")
        .select_for_update(of=("handoff", "handoff__lead"), no_key=True, skip_locked=True)
    )
    clocks_by_handoff = {clock.handoff_id: clock for clock in claimed[:batch]}
    return (
        {pk: clock.handoff for pk, clock in clocks_by_handoff.items()},
        {pk: getattr(clock, "cover", None) for pk, clock in clocks_by_handoff.items()},
    )
