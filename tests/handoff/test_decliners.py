"""A lead is not offered again to a rep who rejected it or let it expire."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from handoff.answers.accept import accept_handoff
from handoff.answers.complete import complete_and_reoffer
from handoff.answers.reject import reject_handoff
from handoff.assignment.round_robin import ONE_LEAD
from handoff.escalation.sweep import sweep
from handoff.models import Handoff
from handoff.pipeline import receive, receive_many
from leads.models import Company, Contact, Lead
from leads.touches import TouchIn
from people.models import Absence, Membership, Team, User
from people.roles import Role
from tests.factories import make_handoff, make_person, make_pool, make_rep, make_touch
from tests.handoff.factories import last_queue
from tests.people.factories import MONDAY_9AM, make_team

pytestmark = pytest.mark.django_db

# A stranger who left a phone number.
UNKNOWN: dict[str, Any] = {
    "email_is_corporate": False,
    "title": "",
    "seniority": "",
    "company": "",
    "domain": "",
    "industry": "",
    "employees": None,
}
A_MONTH_LATER = MONDAY_9AM + timedelta(weeks=4)


@pytest.fixture
def ida() -> User:
    return make_rep("Ida")


@pytest.fixture
def bo() -> User:
    return make_rep("Bo")


@pytest.fixture
def pool(ida: User, bo: User) -> Team:
    """Return a pool whose round robin selects Ida next."""
    pool = make_pool(ida, bo)
    Membership.objects.filter(user=bo).update(balance=-10 * ONE_LEAD)
    return pool


def reject(handoff: Handoff, by: User, reason: str = "bad_timing") -> None:
    reject_handoff(handoff_id=handoff.pk, reason_code=reason, by=by, at=MONDAY_9AM)


def visit(lead: Lead) -> TouchIn:
    """Return a site visit of the contact a month later."""
    return make_touch(kind="site_visit", email=lead.contact.email, occurred_at=A_MONTH_LATER)


def resurface(lead: Lead, *, at: datetime = A_MONTH_LATER) -> Handoff:
    receive(visit(lead), at=at, via="test")
    return Handoff.objects.open().get(lead=lead)


def why_not(handoff: Handoff) -> dict[str, str]:
    assert handoff.decision is not None
    return {
        person["name"]: person["excluded"]
        for rule in handoff.decision.trace["rules"]
        for person in rule.get("people", [])
    }


def test_resurfaced_lead_goes_to_another_rep(ida: User, bo: User, pool: Team) -> None:
    handoff = make_handoff()
    reject(handoff, ida)

    again = resurface(handoff.lead)

    assert again.owner == bo
    assert why_not(again) == {"Ida": "declined it or let it expire", "Bo": ""}


def test_account_owner_who_rejected_the_lead_is_skipped(ida: User) -> None:
    make_team(ida)
    touch = make_touch()
    Company.objects.create(
        name="Vega", domain=touch.domain, owner=ida, created_at=MONDAY_9AM, updated_at=MONDAY_9AM
    )
    receive(touch, at=MONDAY_9AM, via="test")
    handoff = Handoff.objects.get(owner=ida)
    reject(handoff, ida)

    again = resurface(handoff.lead)

    assert (again.owner, again.queue) == (None, last_queue())
    assert why_not(again) == {"Ida": "declined it or let it expire"}


def test_batch_excludes_decliners_of_a_contact_matched_within_it(
    ida: User, bo: User, pool: Team
) -> None:
    """The second touch has only the id that the first one brought, and makes the lead ready."""
    handoff = make_handoff(**UNKNOWN)
    reject(handoff, ida)
    contact = handoff.lead.contact
    Contact.objects.filter(pk=contact.pk).update(phone=None)
    visited = {"kind": "site_visit", "external_id": "7", **UNKNOWN}
    learned = make_touch(**visited, email=contact.email, phone="")
    known = make_touch(**visited, email="", landing_page="/prices")

    first, second = receive_many([learned, known], at=A_MONTH_LATER, via="test")

    assert (first.lead_id, first.handoff_id) == (handoff.lead_id, None)
    assert (second.lead_id, second.owner_id) == (handoff.lead_id, bo.pk)


def test_rep_who_rejected_a_lead_is_skipped_on_escalation(ida: User, bo: User, pool: Team) -> None:
    handoff = make_handoff()
    reject(handoff, ida)
    assert resurface(handoff.lead).owner == bo

    sweep(at=A_MONTH_LATER + timedelta(days=1))

    late = Handoff.objects.open().get(lead=handoff.lead_id)
    assert (late.owner, late.queue) == (None, last_queue())
    assert late.decision is not None
    assert {
        person["name"]: person["excluded"] for person in late.decision.trace["pool"]["people"]
    } == {
        "Ida": "had it before",
        "Bo": "had it before",
    }


@pytest.fixture
def refused_in_queue(ida: User, bo: User, pool: Team) -> Handoff:
    """Nobody of the pool was in, so it waited in the last queue, where Ida said no to it."""
    for person in (ida, bo):
        Absence.objects.create(
            user=person, starts_at=MONDAY_9AM, ends_at=MONDAY_9AM + timedelta(days=1)
        )
    Membership.objects.create(team=last_queue(), user=ida)
    handoff = make_handoff()
    assert handoff.queue == last_queue()
    reject(handoff, ida, "bad_data")
    return handoff


def test_rejecting_a_queued_lead_rejects_it(refused_in_queue: Handoff, bo: User) -> None:
    assert resurface(refused_in_queue.lead).owner == bo


def test_completed_lead_skips_the_rep_who_rejected_it_in_a_queue(
    refused_in_queue: Handoff, bo: User
) -> None:
    complete_and_reoffer(
        lead_id=refused_in_queue.lead_id,
        values={"contact.title": "COO"},
        by=make_person(Role.MARKETER),
        at=A_MONTH_LATER,
    )

    assert Handoff.objects.open().get(lead=refused_in_queue.lead_id).owner == bo


def test_rep_who_rejected_a_queued_lead_is_skipped_on_escalation(
    refused_in_queue: Handoff, bo: User
) -> None:
    assert resurface(refused_in_queue.lead).owner == bo

    sweep(at=A_MONTH_LATER + timedelta(days=1))

    late = Handoff.objects.open().get(lead=refused_in_queue.lead_id)
    assert (late.owner, late.queue) == (None, last_queue())


def test_owner_who_rejects_after_manager_accepted_counts_as_decliner(
    ida: User, bo: User, pool: Team
) -> None:
    pool.manager = make_person(Role.SALES_MANAGER)
    pool.save()
    handoff = make_handoff()
    accept_handoff(handoff_id=handoff.pk, by=pool.manager, at=MONDAY_9AM)
    reject(handoff, ida)

    assert resurface(handoff.lead).owner == bo


def test_new_lead_of_a_contact_may_go_to_an_earlier_decliner(
    ida: User, bo: User, pool: Team
) -> None:
    handoff = make_handoff()
    reject(handoff, ida, "duplicate")

    receive(visit(handoff.lead), at=A_MONTH_LATER, via="test")

    again = Handoff.objects.open().get(lead__contact=handoff.lead.contact)
    assert again.lead_id != handoff.lead_id
    assert again.owner == ida
