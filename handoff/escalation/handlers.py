"""Take the steps of an escalation: one handler for each step of `handoff.escalation_steps`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.unit_of_work import UnitOfWork
from handoff.decisions import record_decision
from handoff.escalation import messages
from handoff.escalation.plan import Destination, EscalationPlan
from handoff.escalation_steps import LAST_QUEUE, NOTIFY, REASSIGN, WARN, EscalationStep
from handoff.models import Escalation, Handoff, SlaClock
from handoff.offers import Offer, offer
from handoff.routing.engine import Decision
from handoff.sla import clocks
from handoff.sla.policy import policy_of
from leads.event_log import record
from leads.events import Escalated, Expired
from people.notice_kinds import NoticeDraft


@dataclass(frozen=True, slots=True)
class StepContext:
    """A due clock of a locked handoff; there is a plan once it is late."""

    work: UnitOfWork
    clock: SlaClock
    at: datetime
    cover_id: int | None
    plan: EscalationPlan | None = None
    destination: Destination | None = None


Handler = Callable[[StepContext], Iterable[NoticeDraft]]


def take_step(step: EscalationStep, context: StepContext) -> list[NoticeDraft]:
    return list(HANDLERS[step](context))


def warn_owner(context: StepContext) -> Iterable[NoticeDraft]:
    clocks.warn(context.work, context.clock, at=context.at)
    _store(context, WARN)
    return messages.warned(context.clock, context.cover_id)


def notify_owner_and_manager(context: StepContext) -> Iterable[NoticeDraft]:
    assert context.plan is not None
    clock = context.clock
    _store(context, NOTIFY)
    if context.destination is None:
        event = Escalated(
            step=NOTIFY.code, clock=clock.pk, kind=clock.kind, handoff=clock.handoff_id
        )
        record(context.work, clock.lead_id, event, at=context.at)
    team = context.plan.team_of(clock.handoff)
    return messages.breached(clock, team.manager_id if team else None, context.cover_id)


def reassign(context: StepContext) -> Iterable[NoticeDraft]:
    """Expire the handoff and offer the lead again, with new clocks."""
    assert context.plan is not None
    assert context.destination is not None
    work, clock, at = context.work, context.clock, context.at
    handoff, decision = clock.handoff, context.destination.decision
    expire(work, handoff, context.plan.clocks_of(handoff), because=clock, at=at)
    reserved = context.plan.reassignment_of(handoff)
    record_decision(
        work,
        decision,
        decision_id=reserved.decision_id,
        lead_id=handoff.lead_id,
        rule_set_id=context.destination.rule_set_id,
        facts={},
        seed=clock.pk,
        at=at,
    )
    to = Offer(
        handoff_id=reserved.handoff_id,
        owner_id=decision.user_id,
        team_id=decision.team_id,
        edition_id=context.destination.edition_id,
        decision_id=reserved.decision_id,
        hop=handoff.hop + 1,
        previous_id=handoff.pk,
        leg=Handoff.Leg(handoff.leg),
        waits_for=waits_for(handoff, decision),
    )
    offer(work, handoff.lead, to, policy_of(handoff.policy_id), at=at, why="late")
    _store(
        context,
        context.destination.step,
        payload={
            "handoff": to.handoff_id,
            "user": to.owner_id,
            "team": to.team_id,
            "hop": to.hop,
        },
    )
    return messages.reassigned(clock, to.handoff_id, context.destination)


HANDLERS: Final[dict[EscalationStep, Handler]] = {
    WARN: warn_owner,
    NOTIFY: notify_owner_and_manager,
    REASSIGN: reassign,
    LAST_QUEUE: reassign,
}


def waits_for(handoff: Handoff, decision: Decision) -> tuple[int, ...] | None:
    """Return the pools that a lead still waits for after it moved from one queue to another."""
    is_in_queue = handoff.owner_id is None and decision.user_id is None
    return tuple(handoff.waits_for) if is_in_queue and handoff.waits_for is not None else None


def expire(
    work: UnitOfWork,
    handoff: Handoff,
    running: Sequence[SlaClock],
    *,
    because: SlaClock,
    at: datetime,
) -> None:
    clocks.cancel_clocks(work, running, at=at)
    work.set(handoff, state=Handoff.State.EXPIRED, closed_at=at)
    event = Expired(
        handoff=handoff.pk,
        user=handoff.owner_id,
        team=handoff.team_id,
        clock=because.pk,
        kind=because.kind,
    )
    record(work, handoff.lead_id, event, at=at)


def _store(
    context: StepContext, step: EscalationStep, *, payload: dict[str, int | None] | None = None
) -> None:
    context.work.add_row(
        Escalation,
        clock_id=context.clock.pk,
        step=step.code,
        taken_at=context.at,
        payload=payload or {},
    )
