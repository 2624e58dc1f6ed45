"""Log an attempt to reach the contact."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from core.errors import Refused
from core.unit_of_work import UnitOfWork
from handoff.locking import lock_handoff, refuse_if_answered
from handoff.models import Attempt, Handoff
from handoff.sla.clocks import (
    stop_clocks,
)
from leads.event_log import record
from leads.events import Attempted
from leads.models import EventKind
from people.models import User

State = Handoff.State

# Clocks of rep and server may differ a little; an attempt is not in the future beyond this.
CLOCK_SKEW: Final = timedelta(minutes=5)


class BadAttempt(Refused):
    code = "bad_attempt"


@transaction.atomic
def log_attempt(
    *,
    handoff_id: int,
    by: User,
    channel: Attempt.Channel,
    outcome: Attempt.Outcome,
    occurred_at: datetime,
    at: datetime,
    note: str = "",
    link: str = "",
) -> Handoff:
    """Log a try to reach the contact; the first one stops the first-contact clock (N-14)."""
    locked = lock_handoff(handoff_id, by=by)
    handoff = locked.handoff
    refuse_if_answered(handoff, also_accepted=True)
    occurred_at = moment_of_attempt(handoff, occurred_at, at)
    tried = {
        "by_id": by.pk,
        "channel": channel.value,
        "outcome": outcome.value,
        "occurred_at": occurred_at,
        "note": note,
        "link": link,
    }
    if handoff.attempts.filter(**tried).exists():
        return handoff  # a button pressed twice
    work = UnitOfWork()
    is_first = handoff.first_contact_at is None
    work.add(Attempt(handoff_id=handoff.pk, lead_id=handoff.lead_id, recorded_at=at, **tried))
    work.set(
        handoff,
        attempt_count=handoff.attempt_count + 1,
        first_contact_at=handoff.first_contact_at or occurred_at,
    )
    stop_clocks(work, locked.clocks, EventKind.ATTEMPTED, at=occurred_at, actor_id=by.pk)
    record(
        work,
        handoff.lead_id,
        Attempted(
            handoff=handoff.pk, channel=channel.value, outcome=outcome.value, is_first=is_first
        ),
        at=occurred_at,
        actor_id=by.pk,
    )
    work.write()
    return handoff


def moment_of_attempt(handoff: Handoff, occurred_at: datetime, at: datetime) -> datetime:
    """People give minutes: the minute of the offer is not before it."""
    if occurred_at > at + CLOCK_SKEW:
        raise BadAttempt("An attempt is logged after it happened, not before.")
    if occurred_at < handoff.offered_at.replace(second=0, microsecond=0):
        raise BadAttempt("This attempt happened before the lead was offered.")
    return max(occurred_at, handoff.offered_at)
