"""Log an attempt to reach the contact."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from core.errors import Refused
from core.unit_of_work import UnitOfWork
from handoff.clock_kinds import CLOCK_KINDS
from handoff.locking import Locked, lock_handoff, refuse_if_answered
from handoff.models import Attempt, Handoff, SlaClock
from handoff.notices import notify_of_contact
from handoff.sla.clocks import all_clocks, keep_due_at, stop_clocks
from leads.event_log import record
from leads.events import Attempted
from leads.models import EventKind
from people.models import User

State = Handoff.State

# The clocks of rep and server may differ this much.
MAX_CLOCK_SKEW: Final = timedelta(minutes=5)
# A call, a voicemail and an email one after the other are one attempt.
ONE_ATTEMPT: Final = timedelta(minutes=10)


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
    """Log an attempt to reach the contact; the first one stops the first-contact clock.

    An attempt made before the handoff ended may be logged afterwards.
    """
    locked = lock_handoff(handoff_id, by=by, at=at)
    handoff = locked.handoff
    occurred_at = checked_time(handoff, occurred_at, at)
    if handoff.closed_at is None or occurred_at >= handoff.closed_at:
        refuse_if_answered(handoff, also_accepted=True)
    columns = {
        "by_id": by.pk,
        "channel": channel.value,
        "outcome": outcome.value,
        "occurred_at": occurred_at,
        "note": note,
        "link": link,
    }
    earlier = list(handoff.attempts.values(*columns))
    if columns in earlier:
        return handoff  # the button was pressed twice
    work = UnitOfWork()
    contacted_at, answered_at = handoff.first_contact_at, handoff.new_request_contacted_at
    is_first = is_earlier(occurred_at, contacted_at)
    is_answer = answers_new_request(handoff, occurred_at)
    clocks = clocks_concerned(locked, is_first=is_first, is_answer=is_answer)
    met = [clock for clock in clocks if occurred_at >= owed_since(clock, handoff)]
    work.add(Attempt(handoff_id=handoff.pk, lead_id=handoff.lead_id, recorded_at=at, **columns))
    work.set(
        handoff,
        attempt_count=count_attempts([occurred_at, *(row["occurred_at"] for row in earlier)]),
        first_contact_at=occurred_at if is_first else contacted_at,
        new_request_contacted_at=occurred_at if is_answer else answered_at,
    )
    stop_clocks(work, met, EventKind.ATTEMPTED, at=occurred_at, actor_id=by.pk)
    keep_due_at(work, handoff, clocks)
    record(
        work,
        handoff.lead_id,
        Attempted(
            handoff=handoff.pk, channel=channel.value, outcome=outcome.value, is_first=is_first
        ),
        at=occurred_at,
        actor_id=by.pk,
    )
    if not handoff.is_open:
        notify_of_contact(work, handoff.lead_id, occurred_at=occurred_at, at=at)
    work.write()
    return handoff


def is_earlier(moment: datetime, than: datetime | None) -> bool:
    return than is None or moment < than


def answers_new_request(handoff: Handoff, at: datetime) -> bool:
    """Return whether this is the first attempt after the request that waits, or did."""
    requested_at = handoff.new_request_at
    is_after = requested_at is not None and at >= requested_at
    return is_after and is_earlier(at, handoff.new_request_contacted_at)


def clocks_concerned(locked: Locked, *, is_first: bool, is_answer: bool) -> list[SlaClock]:
    """Return the clocks that an attempt may meet; a late entry also those that ended meanwhile."""
    handoff = locked.handoff
    was_met = (is_first and handoff.first_contact_at is not None) or (
        is_answer and handoff.new_request_contacted_at is not None
    )
    is_late_entry = (is_first or is_answer) and (not handoff.is_open or was_met)
    return all_clocks(handoff.pk) if is_late_entry else locked.clocks


def owed_since(clock: SlaClock, handoff: Handoff) -> datetime:
    """Return since when an attempt counts: a request may have been made before it arrived."""
    moment: datetime | None = getattr(handoff, CLOCK_KINDS[clock.kind].start_field)
    return min(moment, clock.started_at) if moment else clock.started_at


def count_attempts(moments: Iterable[datetime]) -> int:
    """Count attempts, those within minutes of the one that counted last as one with it."""
    count, latest = 0, None
    for moment in sorted(moments):
        if latest is None or moment >= latest + ONE_ATTEMPT:
            count, latest = count + 1, moment
    return count


def checked_time(handoff: Handoff, occurred_at: datetime, at: datetime) -> datetime:
    """Return the time of the attempt; a rep enters minutes, so the minute of the offer is valid."""
    if occurred_at > at + MAX_CLOCK_SKEW:
        raise BadAttempt("An attempt cannot be in the future. Enter when it happened.")
    if occurred_at < handoff.offered_at.replace(second=0, microsecond=0):
        raise BadAttempt("This attempt happened before the lead was offered. Enter a later time.")
    return max(occurred_at, handoff.offered_at)
