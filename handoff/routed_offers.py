"""Offer a lead to whom the rules choose."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from handoff.assignment import engine as assignment
from handoff.assignment.eligibility import Candidate, Place, exclude_decliners
from handoff.assignment.engine import Selection
from handoff.assignment.strategies import named_person
from handoff.assignment.waiting_order import waiting_place
from handoff.decisions import record_decision
from handoff.incomplete import note_reach
from handoff.intake_run import IntakeRun
from handoff.models import Handoff, RoutingDecision
from handoff.notices import notify_owner
from handoff.offers import Offer, offer
from handoff.routing import engine
from handoff.routing.candidates import candidates_of
from handoff.routing.matching import match_rules
from handoff.routing.specs import RouteTarget
from leads import lifecycle
from leads.contact_state import ContactState
from leads.context_card import set_why_now
from leads.facts import facts_as_json
from leads.models import Lead
from leads.qualification import why_ready
from leads.stages import Stage


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


def offer_to_person(
    run: IntakeRun,
    state: ContactState,
    lead: Lead,
    facts: dict[str, Any],
    selection: Selection,
    *,
    because: str,
    previous: Handoff | None = None,
) -> int:
    """Offer a lead to a selected person, with the SLA of the first rule that matches."""
    assert selection.chosen is not None, "a person was selected"
    match = match_rules(facts, run.handoff.rule_set, for_sales=True)
    decision = engine.Decision(
        rule_id=None,
        target=RouteTarget.PERSON,
        because=because,
        trace={"version": match.version, "missing": [], "rules": [], "target": "person"},
        team_id=selection.chosen.team_id,
        policy_code=match.rules[0].policy_code if match.rules else "",
        selection=selection,
    )
    keep_decision(run, state, lead, facts, decision)
    return offer_by(run, state, lead, decision, previous=previous)


def select_person(person: Candidate, *, seed: int, declined: Collection[int] = ()) -> Selection:
    """Select a named person, for whom neither capacity nor working hours count."""
    return assignment.select(
        [person],
        exclude_decliners(declined, requires_working_hours=False, checks_capacity=False),
        strategy=named_person,
        seed=seed,
    )


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
    keep_decision(run, state, lead, facts, decision)
    return decision


def keep_decision(
    run: IntakeRun,
    state: ContactState,
    lead: Lead,
    facts: dict[str, Any],
    decision: engine.Decision,
) -> None:
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
