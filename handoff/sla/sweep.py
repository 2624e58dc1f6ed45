"""Take the step of every clock that is due: any number of workers, each clock and step once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from handoff.models import Escalation, Handoff, SlaClock
from handoff.sla import clocks, messages
from handoff.sla.escalation import escalate
from leads.changes import Changes
from leads.retries import with_retries
from people.notices import Draft, write_notices

logger = logging.getLogger(__name__)

BATCH: Final = 1000
# A clock whose step fails is looked at again later, and never holds up the others.
POSTPONE: Final = timedelta(minutes=10)
CLAIMED_FIELDS: Final = (
    *(f"handoff__{name}" for name in ("lead_id", "leg", "owner_id", "queue_id", "team_id")),
    *(f"handoff__{name}" for name in ("policy_id", "hop", "previous_id", "closed_at")),
    *(f"handoff__lead__{name}" for name in ("owner_id", "queue_id", "lead_type_id", "temperature")),
)


def sweep(*, at: datetime, batch: int = BATCH) -> int:
    """Claim up to `batch` due clocks and take their step; returns how many handoffs had one."""
    try:
        return _step(_due(at)[:batch], at)
    except Exception:
        logger.exception("A batch of clocks failed; taking them one by one")
    ids = list(_due(at).values_list("pk", flat=True)[:batch])
    return sum(_step_alone(pk, at) for pk in ids)


def _due(at: datetime) -> QuerySet[SlaClock]:
    due = SlaClock.objects.filter(stopped_at=None, next_action_at__lte=at)
    return due.order_by("next_action_at", "pk")


def _step_alone(pk: int, at: datetime) -> int:
    try:
        return _step(_due(at).filter(pk=pk), at)
    except Exception:
        logger.exception("Could not take the step of clock %s; postponed", pk)
        SlaClock.objects.filter(pk=pk).update(next_action_at=at + POSTPONE)
        return 0


def _step(due: QuerySet[SlaClock], at: datetime) -> int:
    return with_retries(partial(_take, due, at))


@transaction.atomic
def _take(due: QuerySet[SlaClock], at: datetime) -> int:
    handoffs = _claim(due)
    running = _running_clocks(handoffs)
    changes, notices = Changes(), list[Draft]()
    late = []
    for clock in running:
        if clock.handoff.closed_at is not None:
            clocks.cancel_clocks(changes, [clock], at=at)
        elif clock.next_action_at is None or clock.next_action_at > at:
            continue
        elif clock.due_at > at:
            notices += _warn(changes, clock, at)
        else:
            late.append(clock)
    if late:
        notices += escalate(changes, late, running, at=at)
    changes.write()
    write_notices(notices, at=at)
    return len(handoffs)


def _claim(due: QuerySet[SlaClock]) -> dict[int, Handoff]:
    """Lock handoff and lead together or pass them over; who is busy comes up at the next sweep."""
    rows = due.select_related("handoff__lead").only(*CLAIMED_FIELDS)
    locked = rows.select_for_update(skip_locked=True, no_key=True, of=("handoff", "handoff__lead"))
    return {clock.handoff_id: clock.handoff for clock in locked}


def _running_clocks(handoffs: Mapping[int, Handoff]) -> list[SlaClock]:
    """Read after the locks: a clock stopped a moment ago, while they were taken, is left alone."""
    running = clocks.running_clocks(handoffs)
    for clock in running:
        clock.handoff = handoffs[clock.handoff_id]
        clock.lead = clock.handoff.lead
    return running


def _warn(changes: Changes, clock: SlaClock, at: datetime) -> list[Draft]:
    clocks.warn(changes, clock, at=at)
    changes.insert(
        Escalation, clock_id=clock.pk, step=Escalation.Step.WARN, taken_at=at, payload={}
    )
    return list(messages.warned(clock))
