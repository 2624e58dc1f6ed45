"""Offer a new lead to the rep who adds it, instead of whom the rules would choose."""

from __future__ import annotations

from typing import Any, Final

from core.errors import Refused
from handoff.assignment.eligibility import Candidate, Exclusion
from handoff.assignment.pools import candidate_from_user
from handoff.intake_run import IntakeRun
from handoff.routed_offers import offer_to_person, select_person
from leads import lifecycle
from leads.contact_state import ContactState
from leads.models import Lead
from leads.qualification import WITH_MARKETING, can_be_reached
from leads.stages import Stage
from people.models import User


class MayNotTake(Refused):
    code = "may_not_take"


REFUSALS: Final = {
    Exclusion.INACTIVE: "You are no longer active.",
    Exclusion.MAY_NOT_ANSWER: "You may not answer leads, so the rules assign this one.",
    Exclusion.ABSENT: "You are absent today. Let the rules assign this lead, or end your time off.",
}
LET_RULES: Final = "Let the rules assign this lead."


def take(
    run: IntakeRun,
    state: ContactState,
    lead: Lead,
    facts: dict[str, Any],
    taker: User,
    *,
    is_new: bool,
) -> int:
    """Offer a lead that was just opened to its taker, and return the id of the handoff.

    Like a lead that marketing sends to sales, it does not have to be ready. The SLA is that of
    the first rule that matches. Neither capacity nor working hours count, as for a named person.
    """
    if not is_new:
        raise MayNotTake(f"The contact already has an open lead, {lead}. {LET_RULES}")
    refuse_taking(state, taker)
    candidate = candidate_of(run, taker)
    selection = select_person(candidate, seed=lead.pk)
    if selection.chosen is None:
        raise MayNotTake(REFUSALS[selection.exclusions[taker.pk]])
    if lead.stage in WITH_MARKETING:
        lifecycle.move(run.work, lead=lead, to=Stage.MQL, at=run.at, actor_id=taker.pk, why="taken")
    because = f"Assigned to {taker}, who added this lead and took it."
    return offer_to_person(run, state, lead, facts, selection, because=because)


def refuse_taking(state: ContactState, taker: User) -> None:
    """Raise MayNotTake for a lead that someone else works, or that no one may contact."""
    contact, company = state.contact, state.company
    assert contact is not None, "a lead has a contact"
    if contact.suppressed_at is not None:
        raise MayNotTake("The contact is suppressed. Marketing decides about this lead.")
    if not can_be_reached(contact):
        raise MayNotTake("Add an email address or a phone number of the contact first.")
    owner_id = company.owner_id if company else None
    if owner_id not in (None, taker.pk):
        raise MayNotTake(f"{User.objects.get(pk=owner_id)} owns this account. {LET_RULES}")
    if state.company_rep_id not in (None, taker.pk):
        rep = User.objects.get(pk=state.company_rep_id)
        raise MayNotTake(f"{rep} has another open lead of this company. {LET_RULES}")


def candidate_of(run: IntakeRun, taker: User) -> Candidate:
    """Return the taker in one of their teams; someone without a team may take a lead, too."""
    in_team = run.pools.person(taker.pk)
    return in_team[0] if in_team else candidate_from_user(taker, at=run.at)
