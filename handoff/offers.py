"""Offer a lead to a person or a queue, and withdraw an offer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from core.unit_of_work import Row, UnitOfWork
from handoff.clock_kinds import FIRST_CONTACT
from handoff.models import Handoff, SlaClock
from handoff.sla.clocks import cancel_clocks, due_text, first_due, plan_clocks, start_clocks
from handoff.sla.policy import PolicySpec
from leads import lifecycle, returned
from leads.event_log import record
from leads.events import Offered, Viewed, Withdrawn
from leads.models import Lead, Temperature
from people.models import User

State = Handoff.State


@dataclass(frozen=True, slots=True)
class Offer:
    """The receiver of a lead: a person, with the team they get it through, or a queue."""

    handoff_id: int
    owner_id: int | None
    team_id: int | None
    edition_id: int | None
    decision_id: int | None = None
    hop: int = 0
    previous_id: int | None = None
    leg: Handoff.Leg = Handoff.Leg.MARKETING_TO_SDR
    waits_for: tuple[int, ...] | None = None

    @property
    def queue_id(self) -> int | None:
        return self.team_id if self.owner_id is None else None


def offer(
    work: UnitOfWork,
    lead: Lead,
    to: Offer,
    policy: PolicySpec,
    *,
    at: datetime,
    why: str = "offered",
) -> None:
    """Open a handoff on a lead that has none, start its clocks and assign the lead."""
    planned = plan_clocks(
        policy,
        lead_type_id=lead.lead_type_id,
        temperature=lead.temperature,
        edition_id=to.edition_id,
        at=at,
    )
    work.add_row(
        Handoff,
        id=to.handoff_id,
        lead_id=lead.pk,
        leg=to.leg.value,
        state=State.OFFERED.value,
        owner_id=to.owner_id,
        queue_id=to.queue_id,
        team_id=to.team_id,
        **waiting_columns(lead, to.waits_for),
        offered_at=at,
        temperature=lead.temperature,
        policy_id=policy.id,
        decision_id=to.decision_id,
        hop=to.hop,
        previous_id=to.previous_id,
        due_at=first_due(planned),
    )
    start_clocks(work, planned, handoff_id=to.handoff_id, lead_id=lead.pk)
    returned.end_wait(work, lead)
    lifecycle.assign(work, lead=lead, owner_id=to.owner_id, queue_id=to.queue_id, at=at, why=why)
    record(
        work,
        lead.pk,
        Offered(
            handoff=to.handoff_id,
            leg=to.leg.value,
            user=to.owner_id,
            team=to.team_id,
            hop=to.hop,
            contact_due=due_text(planned, FIRST_CONTACT),
        ),
        at=at,
    )


def waiting_columns(lead: Lead, pool_ids: tuple[int, ...] | None) -> Row:
    """Return the columns of `handoff.assignment.waiting_order`."""
    if pool_ids is None:
        return {}
    return {
        "waits_for": list(pool_ids),
        "waits_since": lead.stage_entered_at,
        "waits_as_hot": lead.temperature == Temperature.HOT,
    }


def withdraw(
    work: UnitOfWork,
    handoff: Handoff,
    clocks: Iterable[SlaClock],
    *,
    cause: str,
    by_id: int | None,
    at: datetime,
) -> None:
    """End a locked handoff and its running clocks, so that the lead can be offered again."""
    cancel_clocks(work, clocks, at=at)
    work.set(handoff, state=State.WITHDRAWN.value, closed_at=at)
    record(
        work,
        handoff.lead_id,
        Withdrawn(handoff=handoff.pk, user=handoff.owner_id, team=handoff.team_id, cause=cause),
        at=at,
        actor_id=by_id,
    )


@transaction.atomic
def mark_viewed(*, handoff_id: int, by: User, at: datetime) -> None:
    """Record when its owner first opened an offer."""
    is_first = Handoff.objects.filter(pk=handoff_id, owner=by, viewed_at=None).update(viewed_at=at)
    if is_first:
        work = UnitOfWork()
        lead_id = Handoff.objects.values_list("lead_id", flat=True).get(pk=handoff_id)
        record(work, lead_id, Viewed(handoff=handoff_id), at=at, actor_id=by.pk)
        work.write()
