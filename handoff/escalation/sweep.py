"""Take the step of every clock that is due: any number of workers, each clock and step once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Final

from django.db import connection, transaction

from core.retries import with_retries
from core.unit_of_work import UnitOfWork
from handoff.escalation import messages
from handoff.escalation.run import escalate
from handoff.models import Escalation, Handoff, SlaClock
from handoff.sla import clocks
from leads.models import Lead
from people.models import User
from people.notices import Draft, write_notices

logger = logging.getLogger(__name__)

BATCH: Final = 1000
# A clock whose step fails is looked at again later, and never holds up the others.
POSTPONE: Final = timedelta(minutes=10)
# In the order of the models' fields, as `from_db` wants them.
HANDOFF: Final = (
    *("id", "lead_id", "leg", "owner_id", "queue_id", "team_id", "closed_at"),
    *("policy_id", "hop", "previous_id"),
)
LEAD: Final = ("id", "owner_id", "queue_id", "lead_type_id", "temperature")
OWNER: Final = ("id", "email", "name")
CLAIM: Final = f"""
    SELECT {", ".join(f"handoff.{name}" for name in HANDOFF)},
           {", ".join(f"lead.{name}" for name in LEAD)},
           {", ".join(f"owner.{name}" for name in OWNER)}
    FROM handoff_slaclock AS clock
    JOIN handoff_handoff AS handoff ON handoff.id = clock.handoff_id
    JOIN leads_lead AS lead ON lead.id = clock.lead_id
    LEFT JOIN people_user AS owner ON owner.id = handoff.owner_id
    WHERE clock.stopped_at IS NULL AND clock.next_action_at <= %(at)s
      AND (%(only)s::bigint IS NULL OR clock.id = %(only)s)
    ORDER BY clock.next_action_at, clock.id
    LIMIT %(batch)s
    FOR NO KEY UPDATE OF lead, handoff SKIP LOCKED
"""  # noqa: S608  (no input in it)


def sweep(*, at: datetime, batch: int = BATCH) -> int:
    """Claim up to `batch` due clocks and take their step; returns how many handoffs had one."""
    try:
        return _step(at, batch)
    except Exception:
        logger.exception("A batch of clocks failed; taking them one by one")
    due = SlaClock.objects.filter(stopped_at=None, next_action_at__lte=at)
    ids = due.order_by("next_action_at", "pk").values_list("pk", flat=True)[:batch]
    return sum(_step_alone(pk, at) for pk in list(ids))


def _step_alone(pk: int, at: datetime) -> int:
    try:
        return _step(at, 1, only=pk)
    except Exception:
        logger.exception("Could not take the step of clock %s; postponed", pk)
        SlaClock.objects.filter(pk=pk).update(next_action_at=at + POSTPONE)
        return 0


def _step(at: datetime, batch: int, only: int | None = None) -> int:
    return with_retries(partial(_take, at, batch, only))


@transaction.atomic
def _take(at: datetime, batch: int, only: int | None) -> int:
    handoffs = _claim(at, batch, only)
    running = _running_clocks(handoffs)
    work, notices = UnitOfWork(), list[Draft]()
    late = []
    taken = set()
    for clock in running:
        if clock.handoff.closed_at is not None:
            clocks.cancel_clocks(work, [clock], at=at)
        elif clock.next_action_at is None or clock.next_action_at > at:
            continue
        elif clock.due_at > at:
            notices += _warn(work, clock, at)
        else:
            late.append(clock)
        taken.add(clock.handoff_id)
    if late:
        notices += escalate(work, late, running, at=at)
    work.write()
    write_notices(notices, at=at)
    # Another worker may have taken a step between our look and our lock.
    return len(taken)


def _claim(at: datetime, batch: int, only: int | None) -> dict[int, Handoff]:
    """Lock handoff and lead together or pass them over; who is busy comes up at the next sweep."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"at": at, "batch": batch, "only": only})
        rows = cursor.fetchall()
    claimed = {}
    for row in rows:
        values = iter(row)
        handoff = Handoff.from_db(connection.alias, HANDOFF, list(islice(values, len(HANDOFF))))
        handoff.lead = Lead.from_db(connection.alias, LEAD, list(islice(values, len(LEAD))))
        if handoff.owner_id is not None:
            handoff.owner = User.from_db(connection.alias, OWNER, list(values))
        claimed[handoff.pk] = handoff
    return claimed


def _running_clocks(handoffs: Mapping[int, Handoff]) -> list[SlaClock]:
    """Read after the locks: a clock stopped a moment ago, while they were taken, is left alone."""
    running = clocks.running_clocks(handoffs)
    for clock in running:
        clock.handoff = handoffs[clock.handoff_id]
    return running


def _warn(work: UnitOfWork, clock: SlaClock, at: datetime) -> list[Draft]:
    clocks.warn(work, clock, at=at)
    work.add(Escalation(clock_id=clock.pk, step=Escalation.Step.WARN, taken_at=at, payload={}))
    return list(messages.warned(clock))
