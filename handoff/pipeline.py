"""Process touches: capture, score, qualify, route, offer, start the clocks.

Read, decide, write: one statement reads the state, pure functions decide and one statement writes
everything. Members of a pool are read under lock, only when a rule needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from core.formatting import date_text
from core.unit_of_work import UnitOfWork
from handoff.assignment.eligibility import Place
from handoff.assignment.history import decliners_of
from handoff.assignment.pools import PoolAssigner
from handoff.assignment.waiting_order import waiting_place
from handoff.configuration import HandoffConfiguration
from handoff.configuration import configuration as handoff_configuration
from handoff.decisions import record_decision
from handoff.departed import cause_of, in_words, notify_managers, why_gone
from handoff.history import LeadHistory, live_lead_ids, tell_earlier, tell_new, tell_on
from handoff.incomplete import note_reach
from handoff.models import Handoff, RoutingDecision
from handoff.new_requests import Held, lock_held, record_request
from handoff.notices import notify_of_hot_lead, notify_of_new_request, notify_owner
from handoff.offers import Offer, offer, withdraw
from handoff.routing import engine
from handoff.routing.candidates import candidates_of
from handoff.routing.matching import match_rules
from handoff.routing.specs import RouteTarget
from handoff.sla.clocks import running_clocks
from leads import lifecycle, returned, scoring
from leads.capture import capture, is_repetition
from leads.configuration import LeadConfiguration
from leads.configuration import configuration as lead_configuration
from leads.contact_state import ContactState, read_contact_states
from leads.context_card import set_why_now
from leads.event_log import record
from leads.events import Scored
from leads.facts import facts_as_json, signal_dates
from leads.import_batch import ImportBatch
from leads.instance_facts import facts_of
from leads.models import Lead, LeadScore, Temperature, Touch, TouchKind
from leads.qualification import WITH_MARKETING, why_ready
from leads.stages import Stage
from leads.touches import Incoming, TouchIn
from people.models import User

# Returns rows to write together with those of the touches.
AlsoWrite = Callable[["list[Receipt]"], Iterable[Model]]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Result of one touch; `is_live`: history left the lead as it is worked here."""

    touch_id: int
    contact_id: int
    lead_id: int
    is_new: bool
    stage: str
    score: int
    owner_id: int | None
    queue_id: int | None
    handoff_id: int | None
    is_live: bool = False


@dataclass(slots=True)
class IntakeRun:
    """State that all touches of a transaction share.

    `decliners` are user ids by lead id, `held` the leads with new requests that sales has,
    `departed` the handoffs taken from owners who are gone, and `live` the leads that history
    does not change.
    """

    at: datetime
    work: UnitOfWork
    leads: LeadConfiguration
    handoff: HandoffConfiguration
    decliners: Mapping[int, Collection[int]] = field(default_factory=dict)
    held: Mapping[int, Held] = field(default_factory=dict)
    departed: dict[User, list[Handoff]] = field(default_factory=dict)
    live: Collection[int] = ()
    pools: PoolAssigner = field(init=False)

    def __post_init__(self) -> None:
        self.pools = PoolAssigner(self.at, preferred_team_ids=self.handoff.rule_set.team_ids)

    @classmethod
    def on_leads(cls, lead_ids: Collection[int], *, at: datetime) -> IntakeRun:
        """Return a run for leads that are routed without a touch."""
        return cls(
            at,
            UnitOfWork(),
            lead_configuration.now(),
            handoff_configuration.now(),
            decliners_of(lead_ids),
        )

    def edition_of(self, decision: engine.Decision) -> int | None:
        """Return the calendar that clocks count on: the owner's, else the team's."""
        if decision.owner is not None:
            return decision.owner.edition_id
        return self.handoff.team_editions.get(decision.team_id or 0)


def receive(
    touch: TouchIn,
    *,
    at: datetime,
    via: str,
    actor_id: int | None = None,
    also_write: AlsoWrite | None = None,
) -> Receipt:
    """Receive one touch; see `receive_many`."""
    return receive_many([touch], at=at, via=via, actor_id=actor_id, also_write=also_write)[0]


@transaction.atomic
def receive_many(
    touches: Sequence[TouchIn],
    *,
    at: datetime,
    via: str,
    actor_id: int | None = None,
    histories: Sequence[LeadHistory] | None = None,
    also_write: AlsoWrite | None = None,
) -> list[Receipt]:
    """Receive touches in one transaction, in their order; return one receipt each.

    `histories`, one for each touch, marks history from another system: a new lead goes through
    its stages, and nothing is scored, routed, timed or notified. `also_write` returns rows to
    add to the same write. Two touches of one contact at once end in a unique violation: wrap
    calls in `with_retries`.
    """
    if not touches:
        return []
    states, stamp = read_contact_states(touches, reserve=(RoutingDecision, Handoff))
    open_leads = {state.lead.pk: state.lead for state in states if state.lead is not None}
    run = IntakeRun(
        at,
        UnitOfWork(),
        lead_configuration.at(stamp),
        handoff_configuration.at(stamp),
        decliners_of(open_leads) if open_leads and histories is None else {},
        live=live_lead_ids(open_leads.values()) if open_leads and histories is not None else (),
    )
    incomings = [
        Incoming(touch, at, via, actor_id, is_historical=histories is not None) for touch in touches
    ]
    if requesting := requesting_leads(run, states, incomings):
        run.held = lock_held(requesting, at=at)
    batch = ImportBatch()
    receipts = []
    for number, (touch, read) in enumerate(zip(touches, states, strict=True)):
        state = batch.merge(touch, read)
        history = histories[number] if histories is not None else None
        receipts.append(process_touch(run, state, incomings[number], history))
        batch.remember(touch, state)
    if also_write:
        for row in also_write(receipts):
            run.work.add(row)
    run.work.write()
    for owner, taken in run.departed.items():
        moved = list(in_words(handoff.lead for handoff in taken))
        team_ids = {handoff.team_id for handoff in taken}
        notify_managers(owner, team_ids, moved, why=why_gone(owner, cause_of(owner)), at=at)
    return receipts


def requesting_leads(
    run: IntakeRun, states: Sequence[ContactState], incomings: Sequence[Incoming]
) -> set[int]:
    """Return the leads past marketing whose contacts send a buying signal."""
    return {
        state.lead.pk
        for state, incoming in zip(states, incomings, strict=True)
        if state.lead is not None
        and state.lead.stage not in WITH_MARKETING
        and not incoming.is_historical
        and returned.is_signal(run.leads.buying_signals, incoming, run.leads)
    }


def process_touch(
    run: IntakeRun, state: ContactState, incoming: Incoming, history: LeadHistory | None
) -> Receipt:
    is_new = state.lead is None
    opened_before = state.lead.opened_at if state.lead else None
    temperature_before = state.lead.temperature if state.lead else ""
    is_repeat = state.lead is not None and is_repetition(state.lead, incoming)
    lead = capture(run.work, state, incoming, run.leads)
    handoff_id = None
    if history is not None:
        opened_earlier = opened_before is not None and lead.opened_at < opened_before
        tell_history(run, lead, history, incoming, is_new=is_new, opened_earlier=opened_earlier)
    else:
        promote_engaged(run, lead)
        facts = score_lead(run, state, lead)
        handoff_id = offer_unless_kept(run, state, lead, facts, incoming, is_repeat=is_repeat)
        is_warmer = not is_new and lead.temperature != temperature_before
        if not is_repeat and is_new_request(run, lead, incoming):
            handoff_id = hear_request(run, state, lead, facts, incoming, is_warmer=is_warmer)
        elif is_warmer and handoff_id is None:
            notify_of_hot_lead(run.work, lead, touch_id=state.ids[Touch], at=run.at)
    assert state.contact is not None, "capture leaves a contact"
    return Receipt(
        touch_id=state.ids[Touch],
        contact_id=state.contact.pk,
        lead_id=lead.pk,
        is_new=is_new,
        stage=lead.stage,
        score=lead.score,
        owner_id=lead.owner_id,
        queue_id=lead.queue_id,
        handoff_id=handoff_id,
        is_live=lead.pk in run.live,
    )


def is_new_request(run: IntakeRun, lead: Lead, incoming: Incoming) -> bool:
    held = run.held.get(lead.pk)
    if held is None or not held.handoff.is_open:
        return False
    return returned.is_signal(run.leads.buying_signals, incoming, run.leads)


def hear_request(
    run: IntakeRun,
    state: ContactState,
    lead: Lead,
    facts: dict[str, Any],
    incoming: Incoming,
    *,
    is_warmer: bool,
) -> int | None:
    """Tell sales of a new request; if the owner is gone, offer the lead to someone else."""
    held, touch_id = run.held[lead.pk], state.ids[Touch]
    if state.card is not None and state.card.pk is not None:
        kind, day = TouchKind(incoming.touch.kind).label, date_text(incoming.occurred_at)
        set_why_now(run.work, state.card, f"{kind} on {day}, while sales has the lead.")
    if held.is_gone:
        return replace_owner(run, state, lead, facts, held.handoff)
    if record_request(run.work, held, lead, incoming, touch_id=touch_id, at=run.at):
        notify_of_new_request(
            held,
            lead,
            touch_id=touch_id,
            touch_kind=incoming.touch.kind,
            is_urgent=is_warmer and lead.temperature == Temperature.HOT,
            at=run.at,
        )
    return None


def replace_owner(
    run: IntakeRun, state: ContactState, lead: Lead, facts: dict[str, Any], handoff: Handoff
) -> int:
    assert handoff.owner is not None, "someone is gone"
    handoff.lead, cause = lead, cause_of(handoff.owner)
    clocks = running_clocks([handoff.pk])
    withdraw(run.work, handoff, clocks, cause=cause.value, by_id=None, at=run.at)
    run.departed.setdefault(handoff.owner, []).append(handoff)
    why = why_gone(handoff.owner, cause)
    return offer_to_sales(run, state, lead, facts, previous=handoff, why=why)


def tell_history(
    run: IntakeRun,
    lead: Lead,
    history: LeadHistory,
    incoming: Incoming,
    *,
    is_new: bool,
    opened_earlier: bool,
) -> None:
    """Give a lead the stages of its line; a lead that is worked here keeps its own."""
    if is_new:
        tell_new(run.work, lead, history, incoming.occurred_at)
    elif lead.pk in run.live:
        return
    elif opened_earlier:
        tell_earlier(run.work, lead, history, incoming.occurred_at)
    elif history.continues:
        tell_on(run.work, lead, history)


def promote_engaged(run: IntakeRun, lead: Lead) -> None:
    """Move a new lead to engaged at its second touch."""
    if lead.stage == Stage.NEW and lead.touch_count > 1:
        lifecycle.move(run.work, lead=lead, to=Stage.ENGAGED, at=run.at, why="touched_again")


def score_lead(run: IntakeRun, state: ContactState, lead: Lead) -> dict[str, Any]:
    """Score the lead as it is now, write the breakdown and return the facts it was scored on."""
    assert state.contact is not None, "a lead has a contact"
    facts = facts_of_state(state, lead, run.leads)
    score = scoring.score(run.leads.scoring, facts, signal_dates(lead.signals), run.at)
    breakdown = {
        "model_id": run.leads.scoring_id,
        "total": score.total,
        "intent": score.intent,
        "ledger": score.ledger,
        "missed": score.missed,
        "to_become_ready": score.to_become_ready,
        "scored_at": run.at,
    }
    if state.score_id is None:
        state.score_id = state.ids[LeadScore]
        run.work.add(LeadScore(id=state.score_id, lead_id=lead.pk, **breakdown))
    else:
        run.work.update(LeadScore, state.score_id, **breakdown)
    before = lead.score
    run.work.set(lead, score=score.total, intent_score=score.intent)
    facts |= {"lead.score": lead.score, "lead.intent_score": lead.intent_score}
    if lead.score != before:
        scored = Scored(score=lead.score, intent=lead.intent_score, was=before)
        record(run.work, lead.pk, scored, at=run.at)
    return facts


def facts_of_state(state: ContactState, lead: Lead, config: LeadConfiguration) -> dict[str, Any]:
    assert state.contact is not None, "a lead has a contact"
    has_company_rep = state.company_rep_id is not None
    return facts_of(lead, state.contact, state.company, config, has_company_rep=has_company_rep)


def offer_unless_kept(
    run: IntakeRun,
    state: ContactState,
    lead: Lead,
    facts: dict[str, Any],
    incoming: Incoming,
    *,
    is_repeat: bool,
) -> int | None:
    """Offer a lead that is ready; one that sales returned only if the touch ends its wait."""
    if lead.returned_at is None:
        return route_and_offer(run, state, lead, facts)
    reason = returned.why_now(lead, incoming, facts, run.leads, is_repeat=is_repeat)
    return route_and_offer(run, state, lead, facts, why_now=reason) if reason else None


def route_and_offer(
    run: IntakeRun,
    state: ContactState,
    lead: Lead,
    facts: dict[str, Any],
    *,
    why_now: str = "",
) -> int | None:
    """Route a lead that is ready, offer it and return the id of the handoff, if there is one.

    Users who declined the lead before are not offered it again. `why_now` tells the rep why a
    returned lead is back.
    """
    assert state.contact is not None, "a lead has a contact"
    note_reach(run.work, lead, state.contact, run.leads, at=run.at)
    ready = why_ready(lead, state.contact, run.leads)
    if not ready:
        return None
    decision = decide(run, state, lead, facts, place=waiting_place(lead, since=run.at))
    if decision.target is RouteTarget.NURTURE:
        if lead.stage != Stage.NURTURE:
            lifecycle.move(run.work, lead=lead, to=Stage.NURTURE, at=run.at, why="routed")
        return None
    if lead.stage != Stage.MQL:
        lifecycle.move(run.work, lead=lead, to=Stage.MQL, at=run.at, why=ready)
    if why_now and state.card is not None and state.card.pk is not None:
        set_why_now(run.work, state.card, why_now)
    return offer_by(run, state, lead, decision)


def offer_to_sales(
    run: IntakeRun,
    state: ContactState,
    lead: Lead,
    facts: dict[str, Any],
    *,
    why: str,
    previous: Handoff | None = None,
) -> int:
    """Offer a lead that goes to sales in any case, and return the id of the handoff.

    The rules choose who gets it; `why` explains the exception before their reason.
    """
    since = lead.stage_entered_at if previous else run.at
    place = waiting_place(lead, since=since)
    decision = decide(run, state, lead, facts, place=place, for_sales=True, why=why)
    return offer_by(run, state, lead, decision, previous=previous)


def offer_by(
    run: IntakeRun,
    state: ContactState,
    lead: Lead,
    decision: engine.Decision,
    *,
    previous: Handoff | None = None,
) -> int:
    to = Offer(
        handoff_id=state.ids[Handoff],
        owner_id=decision.user_id,
        team_id=decision.team_id,
        edition_id=run.edition_of(decision),
        decision_id=state.ids[RoutingDecision],
        waits_for=decision.waits_for,
    )
    if previous is not None:
        leg = Handoff.Leg(previous.leg)
        had_owner = previous.owner_id is not None
        to = replace(to, hop=previous.hop + had_owner, previous_id=previous.pk, leg=leg)
    policy = run.handoff.policy(decision.policy_code)
    offer(run.work, lead, to, policy, at=run.at)
    notify_owner(run.work, lead, to, policy, at=run.at)
    return to.handoff_id


def decide(
    run: IntakeRun,
    state: ContactState,
    lead: Lead,
    facts: dict[str, Any],
    *,
    place: Place | None = None,
    for_sales: bool = False,
    why: str = "",
) -> engine.Decision:
    """Evaluate the rules, select a person if a rule asks for one, and keep the whole trace.

    With a `place`, the lead does not overtake those that wait for a pool before it.
    """
    named = {
        RouteTarget.ACCOUNT_OWNER: state.company.owner_id if state.company else None,
        RouteTarget.COMPANY_REP: state.company_rep_id,
    }
    decision = engine.choose(
        match_rules(facts, run.handoff.rule_set, for_sales=for_sales),
        lambda rule: candidates_of(rule, run.pools, named),
        seed=lead.pk,
        declined=run.decliners.get(lead.pk, ()),
        place=place,
    )
    if why:
        decision = replace(decision, because=f"{why} {decision.because}")
    if decision.selection is not None:
        run.pools.record(run.work, decision.selection)
    record_decision(
        run.work,
        decision,
        decision_id=state.ids[RoutingDecision],
        lead_id=lead.pk,
        rule_set_id=run.handoff.rule_set_id,
        facts=facts_as_json(facts),
        seed=lead.pk,
        at=run.at,
    )
    return decision
