"""Escalate late clocks: notify owner and manager, then reassign the lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.unit_of_work import UnitOfWork
from handoff.decisions import record_decision
from handoff.escalation import messages
from handoff.escalation.plan import Destination, EscalationPlan
from handoff.models import Escalation, Handoff, SlaClock
from handoff.offers import Offer, offer
from handoff.sla.clocks import breach_if_due, cancel_clocks
from handoff.sla.policy import policy_of
from leads.event_log import record
from leads.events import Escalated, Expired
from people.notices import Draft

Step = Escalation.Step


def escalate(
    work: UnitOfWork, late: Sequence[SlaClock], running: Sequence[SlaClock], *, at: datetime
) -> list[Draft]:
    """Breach the late among the running clocks of locked handoffs and escalate each once."""
    for clock in late:
        breach_if_due(work, clock, at=at)
    plan = EscalationPlan(work, late, running, at=at)
    notices: list[Draft] = []
    for clock in late:
        work.add(Escalation(clock_id=clock.pk, step=Step.TELL, taken_at=at))
        team = plan.team_of(clock.handoff)
        notices += messages.breached(clock, team.manager_id if team else None)
        destination = plan.destination(clock)
        if destination is None:
            record_notified(work, clock, at=at)
        else:
            handoff_id = reassign(work, clock, destination, plan, at=at)
            notices += messages.reassigned(clock, handoff_id, destination)
    return notices


def record_notified(work: UnitOfWork, clock: SlaClock, *, at: datetime) -> None:
    record(
        work,
        clock.lead_id,
        Escalated(step=Step.TELL.value, clock=clock.pk, kind=clock.kind, handoff=clock.handoff_id),
        at=at,
    )


def reassign(
    work: UnitOfWork,
    clock: SlaClock,
    destination: Destination,
    plan: EscalationPlan,
    *,
    at: datetime,
) -> int:
    """Expire the handoff and offer the lead again, with new clocks; return the new handoff's id."""
    handoff, decision = clock.handoff, destination.decision
    expire(work, handoff, plan.clocks_of(handoff), because=clock, at=at)
    reserved = plan.reassignment_of(handoff)
    record_decision(
        work,
        decision,
        decision_id=reserved.decision_id,
        lead_id=handoff.lead_id,
        rule_set_id=destination.rule_set_id,
        facts={},
        seed=clock.pk,
        at=at,
    )
    to = Offer(
        handoff_id=reserved.handoff_id,
        owner_id=decision.user_id,
        team_id=decision.team_id,
        edition_id=destination.edition_id,
        decision_id=reserved.decision_id,
        hop=handoff.hop + 1,
        previous_id=handoff.pk,
        leg=Handoff.Leg(handoff.leg),
    )
    offer(work, handoff.lead, to, policy_of(handoff.policy_id), at=at, why="late")
    work.add(
        Escalation(
            clock_id=clock.pk,
            step=destination.step,
            taken_at=at,
            payload={
                "handoff": to.handoff_id,
                "user": to.owner_id,
                "team": to.team_id,
                "hop": to.hop,
            },
        )
    )
    return to.handoff_id


def expire(
    work: UnitOfWork,
    handoff: Handoff,
    clocks: Sequence[SlaClock],
    *,
    because: SlaClock,
    at: datetime,
) -> None:
    cancel_clocks(work, clocks, at=at)
    work.set(handoff, state=Handoff.State.EXPIRED, closed_at=at)
    record(
        work,
        handoff.lead_id,
        Expired(
            handoff=handoff.pk,
            user=handoff.owner_id,
            team=handoff.team_id,
            clock=because.pk,
            kind=because.kind,
        ),
        at=at,
    )
