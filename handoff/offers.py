"""Offering a lead and answering the offer: each state of a handoff has one door, and it is here.

A door reads what it decides on under lock (lead, then handoff, then clocks), decides, and writes
everything in one statement. Who comes second finds the handoff answered and is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from core.errors import Refused
from core.permissions import Right
from core.unit_of_work import Changes
from handoff.models import Attempt, ClockKind, Handoff, SlaClock, SlaPolicy
from handoff.sla.clocks import (
    cancel_clocks,
    plan_clocks,
    running_clocks,
    start_clocks,
    stop_clock,
)
from handoff.sla.policy import Policy
from leads import events, lifecycle
from leads.models import EventKind, Lead
from leads.situation import instance_of, select_list
from leads.stages import Stage
from people.models import User

State = Handoff.State

# Clocks of seller and server may differ a little; an attempt is not in the future beyond this.
CLOCK_SKEW: Final = timedelta(minutes=5)


class HandoffNotFound(Refused):
    code = "not_found"


class HandoffClosed(Refused):
    code = "handoff_closed"


class NotYetAccepted(Refused):
    code = "not_yet_accepted"


class BadAttempt(Refused):
    code = "bad_attempt"


@dataclass(frozen=True, slots=True)
class Offer:
    """Where a lead goes: to a person (with the pool or the team they get it in) or into a queue."""

    handoff_id: int
    owner_id: int | None
    team_id: int | None
    edition_id: int | None
    decision_id: int | None = None
    hop: int = 0
    previous_id: int | None = None
    leg: Handoff.Leg = Handoff.Leg.MARKETING_TO_SDR

    @property
    def queue_id(self) -> int | None:
        return self.team_id if self.owner_id is None else None


@dataclass(slots=True)
class Locked:
    """A handoff under lock with its lead and the clocks that still run."""

    handoff: Handoff
    lead: Lead
    clocks: list[SlaClock]


def offer(
    changes: Changes, lead: Lead, to: Offer, policy: Policy, *, at: datetime, why: str = "offered"
) -> None:
    """Open a handoff on a lead that has none, start its clocks and make its owner the lead's."""
    changes.insert(
        Handoff,
        id=to.handoff_id,
        lead_id=lead.pk,
        leg=to.leg.value,
        state=State.OFFERED.value,
        owner_id=to.owner_id,
        queue_id=to.queue_id,
        team_id=to.team_id,
        offered_at=at,
        policy_id=policy.id,
        decision_id=to.decision_id,
        hop=to.hop,
        previous_id=to.previous_id,
    )
    planned = plan_clocks(
        policy,
        lead_type_id=lead.lead_type_id,
        temperature=lead.temperature,
        edition_id=to.edition_id,
        at=at,
    )
    start_clocks(changes, planned, handoff_id=to.handoff_id, lead_id=lead.pk)
    lifecycle.assign(changes, lead=lead, owner_id=to.owner_id, queue_id=to.queue_id, at=at, why=why)
    events.record(
        changes,
        lead.pk,
        EventKind.OFFERED,
        at=at,
        handoff=to.handoff_id,
        leg=to.leg.value,
        user=to.owner_id,
        team=to.team_id,
        hop=to.hop,
    )


def may_answer(handoff: Handoff, by: User) -> bool:
    """One's own is seen at a glance; for a queue or a team the queryset is asked."""
    if handoff.owner_id == by.pk and Right.ANSWER_HANDOFFS in by.rights:
        return True
    return Handoff.objects.answerable_by(by).filter(pk=handoff.pk).exists()


def lock_handoff(
    handoff_id: int, *, by: User, allowed: Callable[[Handoff, User], bool] = may_answer
) -> Locked:
    """Read a handoff this person may answer, so that nobody else can answer it meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(lock_sql(), [handoff_id])
        row = cursor.fetchone()
    values = iter(row or ())
    handoff = instance_of(Handoff, values) if row else None
    if handoff is None or not allowed(handoff, by):
        raise HandoffNotFound("There is no such lead among yours.")
    lead, policy = instance_of(Lead, values), instance_of(SlaPolicy, values)
    assert lead is not None, "a handoff has a lead"
    assert policy is not None, "a handoff has a policy"
    handoff.lead, handoff.policy = lead, policy
    return Locked(handoff, lead, running_clocks([handoff.pk]))


@cache
def lock_sql() -> str:
    """Written out once: every answer runs it, and composing it costs more than running it."""
    columns = [
        select_list(Handoff, "handoff"),
        select_list(Lead, "lead"),
        select_list(SlaPolicy, "policy"),
    ]
    return f"""
        SELECT {", ".join(columns)}
        FROM handoff_handoff AS handoff
        JOIN leads_lead AS lead ON lead.id = handoff.lead_id
        JOIN handoff_slapolicy AS policy ON policy.id = handoff.policy_id
        WHERE handoff.id = %s
        FOR NO KEY UPDATE OF lead, handoff
    """  # noqa: S608


def refuse_if_answered(handoff: Handoff, *, also_accepted: bool) -> None:
    """A second answer changes nothing and is told what the first one was, in the reader's time."""
    if handoff.state == State.OFFERED and handoff.is_open:
        return
    if also_accepted and handoff.state == State.ACCEPTED and handoff.is_open:
        return
    what = "finished" if handoff.state == State.ACCEPTED and not handoff.is_open else None
    said = what or handoff.get_state_display().lower()
    when = handoff.closed_at or handoff.answered_at
    since = f" since {timezone.localtime(when):%-d %b %Y, %H:%M}" if when else ""
    raise HandoffClosed(f"This lead is already {said}{since}.")


@transaction.atomic
def accept_handoff(*, handoff_id: int, by: User, at: datetime) -> Handoff:
    """Take an offered lead, or pull one from a queue."""
    locked = lock_handoff(handoff_id, by=by)
    handoff, lead = locked.handoff, locked.lead
    refuse_if_answered(handoff, also_accepted=False)
    changes = Changes()
    owner_id = handoff.owner_id or by.pk
    changes.set(
        handoff,
        state=State.ACCEPTED.value,
        owner_id=owner_id,
        answered_at=at,
        answered_by_id=by.pk,
        viewed_at=handoff.viewed_at or at,
    )
    stop_clock(changes, locked.clocks, ClockKind.ANSWER, at=at, actor_id=by.pk)
    events.record(
        changes, lead.pk, EventKind.ACCEPTED, at=at, actor_id=by.pk, handoff=handoff.pk, user=by.pk
    )
    # Somebody before may have accepted it and let the first contact lapse.
    if lead.stage == Stage.MQL:
        lifecycle.move(changes, lead=lead, to=Stage.SAL, at=at, actor_id=by.pk, why="accepted")
    lifecycle.assign(changes, lead=lead, owner_id=owner_id, at=at, actor_id=by.pk, why="accepted")
    changes.write()
    return handoff


def close_with_no(
    changes: Changes,
    locked: Locked,
    state: Handoff.State,
    *,
    by: User,
    at: datetime,
    **columns: Any,
) -> None:
    """The one way a seller's no ends a handoff; what the no sets in motion is the caller's."""
    changes.set(
        locked.handoff,
        state=state.value,
        answered_at=locked.handoff.answered_at or at,
        answered_by_id=locked.handoff.answered_by_id or by.pk,
        closed_at=at,
        **columns,
    )
    stop_clock(changes, locked.clocks, ClockKind.ANSWER, at=at, actor_id=by.pk)
    cancel_clocks(changes, locked.clocks, at=at)


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
    changes = Changes()
    is_first = handoff.first_contact_at is None
    changes.insert(Attempt, handoff_id=handoff.pk, lead_id=handoff.lead_id, recorded_at=at, **tried)
    changes.set(
        handoff,
        attempt_count=handoff.attempt_count + 1,
        first_contact_at=handoff.first_contact_at or occurred_at,
    )
    stop_clock(changes, locked.clocks, ClockKind.FIRST_CONTACT, at=occurred_at, actor_id=by.pk)
    events.record(
        changes,
        handoff.lead_id,
        EventKind.ATTEMPTED,
        at=occurred_at,
        actor_id=by.pk,
        handoff=handoff.pk,
        channel=channel.value,
        outcome=outcome.value,
        is_first=is_first,
    )
    changes.write()
    return handoff


def moment_of_attempt(handoff: Handoff, occurred_at: datetime, at: datetime) -> datetime:
    """People give minutes: the minute of the offer is not before it."""
    if occurred_at > at + CLOCK_SKEW:
        raise BadAttempt("An attempt is logged after it happened, not before.")
    if occurred_at < handoff.offered_at.replace(second=0, microsecond=0):
        raise BadAttempt("This attempt happened before the lead was offered.")
    return max(occurred_at, handoff.offered_at)


@transaction.atomic
def mark_viewed(*, handoff_id: int, by: User, at: datetime) -> None:
    """Remember when its owner first opened an offer; a later look changes nothing."""
    seen = Handoff.objects.filter(pk=handoff_id, owner=by, viewed_at=None).update(viewed_at=at)
    if seen:
        changes = Changes()
        lead_id = Handoff.objects.values_list("lead_id", flat=True).get(pk=handoff_id)
        events.record(changes, lead_id, EventKind.VIEWED, at=at, actor_id=by.pk, handoff=handoff_id)
        changes.write()
