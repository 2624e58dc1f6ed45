"""From a touch to an offer, on one page: capture, score, qualify, route, offer, start the clocks.

Read, decide, write: one statement reads the state, pure functions decide (a pool's people are
read under lock only when a rule asks for them), one statement writes everything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from core.unit_of_work import UnitOfWork
from handoff import offers
from handoff.assignment.pools import Pools
from handoff.configuration import HandoffConfiguration
from handoff.configuration import configuration as handoff_configuration
from handoff.decisions import record_decision
from handoff.notices import tell_of_heat, tell_owner
from handoff.routing import engine
from handoff.routing.rules import Target
from leads import lifecycle, scoring
from leads.batch import Batch
from leads.capture import Incoming, capture
from leads.configuration import LeadConfiguration
from leads.configuration import configuration as lead_configuration
from leads.contact_state import ContactState, read_contact_states
from leads.criteria_facts import facts_as_json, signal_dates
from leads.event_log import record
from leads.events import Scored
from leads.facts import facts_of
from leads.models import Lead, LeadScore
from leads.qualification import why_ready
from leads.stages import Stage
from leads.touches import TouchIn

# Who rejected the lead or let it lapse; who could not judge it yet may get it again.
DECLINERS: Final = """ARRAY(
    SELECT owner_id FROM handoff_handoff
    WHERE lead_id = lead.id AND state IN ('rejected', 'expired') AND owner_id IS NOT NULL
    UNION SELECT answered_by_id FROM handoff_handoff
    WHERE lead_id = lead.id AND state = 'rejected'
)"""
BESIDE: Final = {
    "decision": "nextval('handoff_routingdecision_id_seq')",
    "handoff": "nextval('handoff_handoff_id_seq')",
    "score": "nextval('leads_leadscore_id_seq')",
    "decliners": DECLINERS,
}
Finish = Callable[[UnitOfWork, "list[Receipt]"], None]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a touch."""

    touch_id: int
    contact_id: int
    lead_id: int
    is_new: bool
    stage: str
    score: int
    owner_id: int | None
    queue_id: int | None
    handoff_id: int | None


@dataclass(slots=True)
class Run:
    """What all touches of one transaction share."""

    at: datetime
    work: UnitOfWork
    leads: LeadConfiguration
    handoff: HandoffConfiguration
    pools: Pools = field(init=False)

    def __post_init__(self) -> None:
        self.pools = Pools(self.at, self.handoff.rule_set.team_ids)

    def edition_of(self, user_id: int | None, team_id: int | None) -> int | None:
        """The calendar that clocks count on: the owner's, else the team's."""
        if user_id is not None and user_id in self.pools.editions:
            return self.pools.editions[user_id]
        return self.handoff.team_editions.get(team_id or 0)


def receive(
    touch: TouchIn,
    *,
    at: datetime,
    via: str,
    actor_id: int | None = None,
    finish: Finish | None = None,
) -> Receipt:
    """Take in one touch; see `receive_many`."""
    return receive_many([touch], at=at, via=via, actor_id=actor_id, finish=finish)[0]


@transaction.atomic
def receive_many(
    touches: Sequence[TouchIn],
    *,
    at: datetime,
    via: str,
    actor_id: int | None = None,
    as_stage: Stage | None = None,
    finish: Finish | None = None,
) -> list[Receipt]:
    """Take in touches in one transaction, in their order; one receipt each.

    `as_stage` marks history from another system: a new lead enters that stage on the day of its
    touch, and nothing is scored, routed, timed or told. `finish` may add rows to the same write.
    Two touches of one person at once end in a unique violation: wrap calls in `with_retries`.
    """
    if not touches:
        return []
    states, stamp = read_contact_states(touches, BESIDE)
    run = Run(at, UnitOfWork(), lead_configuration.at(stamp), handoff_configuration.at(stamp))
    batch = Batch()
    receipts = []
    for touch, read in zip(touches, states, strict=True):
        state = batch.seen(touch, read)
        incoming = Incoming(touch, at, via, actor_id, is_historical=as_stage is not None)
        receipts.append(take_in(run, state, incoming, as_stage))
        batch.remember(touch, state)
    if finish:
        finish(run.work, receipts)
    run.work.write()
    return receipts


def take_in(run: Run, state: ContactState, incoming: Incoming, as_stage: Stage | None) -> Receipt:
    is_new = state.lead is None
    was = state.lead.temperature if state.lead else ""
    lead = capture(run.work, state, incoming, run.leads)
    handoff_id = None
    if as_stage is not None:
        if is_new:
            enter_as(run, lead, as_stage, incoming)
    else:
        engage(run, lead)
        facts = rate(run, state, lead)
        handoff_id = hand_over(run, state, lead, facts)
        if was and handoff_id is None and lead.temperature != was:
            tell_of_heat(run.work, lead, touch_id=state.ids["touch"], at=run.at)
    assert state.contact is not None, "capture leaves a contact"
    return Receipt(
        touch_id=state.ids["touch"],
        contact_id=state.contact.pk,
        lead_id=lead.pk,
        is_new=is_new,
        stage=lead.stage,
        score=lead.score,
        owner_id=lead.owner_id,
        queue_id=lead.queue_id,
        handoff_id=handoff_id,
    )


def enter_as(run: Run, lead: Lead, stage: Stage, incoming: Incoming) -> None:
    lifecycle.move(
        run.work,
        lead=lead,
        to=stage,
        at=incoming.occurred_at,
        actor_id=incoming.actor_id,
        why="import",
        skipping=True,
    )


def engage(run: Run, lead: Lead) -> None:
    """A second touch makes a new lead an engaged one."""
    if lead.stage == Stage.NEW and lead.touch_count > 1:
        lifecycle.move(run.work, lead=lead, to=Stage.ENGAGED, at=run.at, why="touched_again")


def rate(run: Run, state: ContactState, lead: Lead) -> dict[str, Any]:
    """Score the lead as it is now and write the ledger; returns the facts it was scored on."""
    assert state.contact is not None, "a lead has a contact"
    facts = facts_of(lead, state.contact, state.company, run.leads)
    score = scoring.score(run.leads.scoring, facts, signal_dates(lead.signals), run.at)
    columns = {
        "model_id": run.leads.scoring_id,
        "total": score.total,
        "intent": score.intent,
        "ledger": score.ledger,
        "missed": score.missed,
        "to_become_ready": score.to_become_ready,
        "scored_at": run.at,
    }
    if state.score_id is None:
        state.score_id = state.also["score"]
        run.work.add(LeadScore(id=state.score_id, lead_id=lead.pk, **columns))
    else:
        run.work.update(LeadScore, state.score_id, **columns)
    was = lead.score
    run.work.set(lead, score=score.total, intent_score=score.intent)
    facts |= {"lead.score": lead.score, "lead.intent_score": lead.intent_score}
    if lead.score != was:
        record(
            run.work,
            lead.pk,
            Scored(score=lead.score, intent=lead.intent_score, was=was),
            at=run.at,
        )
    return facts


def hand_over(run: Run, state: ContactState, lead: Lead, facts: dict[str, Any]) -> int | None:
    """Route a lead that is ready, never to somebody who said no to it, and offer it.

    Returns the handoff's id if there is one.
    """
    assert state.contact is not None, "a lead has a contact"
    ready = why_ready(lead, state.contact, run.leads)
    if not ready:
        return None
    decision = decide(run, state, lead, facts)
    if decision.target is Target.NURTURE:
        if lead.stage != Stage.NURTURE:
            lifecycle.move(run.work, lead=lead, to=Stage.NURTURE, at=run.at, why="routed")
        return None
    if lead.stage != Stage.MQL:
        lifecycle.move(run.work, lead=lead, to=Stage.MQL, at=run.at, why=ready)
    to = offers.Offer(
        handoff_id=state.also["handoff"],
        owner_id=decision.user_id,
        team_id=decision.team_id,
        edition_id=run.edition_of(decision.user_id, decision.team_id),
        decision_id=state.also["decision"],
    )
    policy = run.handoff.policy(decision.policy_code)
    offers.offer(run.work, lead, to, policy, at=run.at)
    tell_owner(run.work, lead, to, policy, at=run.at)
    return to.handoff_id


def decide(run: Run, state: ContactState, lead: Lead, facts: dict[str, Any]) -> engine.Decision:
    """Ask the rules, take the pool's turn, and keep the whole trace (N-02)."""
    account_owner_id = state.company.owner_id if state.company else None
    decision = engine.choose(
        engine.match(facts, run.handoff.rule_set),
        lambda rule: run.pools.people_of(
            rule, account_owner_id=account_owner_id, declined=state.also["decliners"]
        ),
        seed=lead.pk,
    )
    if decision.turn is not None and decision.team_id is not None:
        run.pools.record_turn(run.work, decision.team_id, decision.turn)
    record_decision(
        run.work,
        decision,
        decision_id=state.also["decision"],
        lead_id=lead.pk,
        rule_set_id=run.handoff.rule_set_id,
        facts=facts_as_json(facts),
        seed=lead.pk,
        at=run.at,
    )
    return decision
