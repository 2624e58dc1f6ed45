"""The context card of a lead, and the fields that sales was missing, as marketing writes them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reject import reject_handoff
from handoff.models import Handoff, RuleSet
from handoff.routing.publishing import publish
from leads.models import EventKind, Lead, LeadEvent
from people.models import Team, User
from people.roles import Role
from tests.factories import make_handoff, make_lead, make_person, make_pool, make_rep, owner_of
from tests.pages import Page, messages_of, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM

LATER = MONDAY_9AM + timedelta(minutes=5)
pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(LATER, tick=False)]


@pytest.fixture
def rep() -> User:
    rep = make_rep("Mia Hoffmann")
    make_pool(rep)
    return rep


# --- the context card -------------------------------------------------------------------------

CARD = {
    "why": "They asked twice.",
    "content_engaged": "Guide",
    "problem_indicated": "Renewals",
    "messaging_received": "One team first",
}


def test_edited_card_is_not_overwritten_by_touches(rep: User) -> None:
    lead = make_lead(email="ann@company.example")
    marketer = make_person(Role.MARKETER)

    response = signed_in_as(marketer).post(f"/leads/{lead.pk}/card/", CARD)
    make_lead(at=LATER, email="ann@company.example", why="Something else")

    assert response["Location"] == f"/leads/{lead.pk}/"
    lead.card.refresh_from_db()
    assert (lead.card.why, lead.card.edited_by, lead.card.edited_at) == (
        "They asked twice.",
        marketer,
        LATER,
    )
    assert lead.events.filter(kind=EventKind.CARD_EDITED, actor=marketer).count() == 1


def test_too_long_card_is_refused(rep: User) -> None:
    lead = make_lead()

    response = signed_in_as(make_person(Role.MARKETER)).post(
        f"/leads/{lead.pk}/card/", {**CARD, "why": "x" * 301}
    )

    assert response.status_code == 422
    assert Page(response).values(".card-editor [name=why]") == ["x" * 301]
    assert not lead.events.filter(kind=EventKind.CARD_EDITED).exists()


# --- completing what sales was missing ----------------------------------------------------------


@pytest.fixture
def returned(rep: User) -> Lead:
    handoff = make_handoff(phone="", employees=None, title="Director of Operations")
    mark_cannot_evaluate(
        handoff_id=handoff.pk,
        missing_fields=["contact.has_phone", "company.employees"],
        by=rep,
        at=MONDAY_9AM,
    )
    return Lead.objects.get(pk=handoff.lead_id)


def complete(user: User, lead: Lead, **fields: str) -> Any:
    return signed_in_as(user).post(f"/leads/{lead.pk}/complete/", fields, follow=True)


def test_completed_lead_is_offered_to_sales_again(rep: User, returned: Lead) -> None:
    marketer = make_person(Role.MARKETER)
    page = page_at(f"/leads/{returned.pk}/", marketer)
    assert page.text("#complete .card-head p").startswith(
        "Mia Hoffmann could not evaluate this lead."
    )
    assert page.values("#complete .field [name]", "name") == [
        "contact-has_phone",
        "company-employees",
    ]

    response = complete(
        marketer, returned, **{"contact-has_phone": "030 1234567", "company-employees": "250"}
    )

    assert messages_of(response) == ["Lead completed and offered to sales."]
    lead = Lead.objects.get(pk=returned.pk)
    assert lead.contact.phone == "+49301234567"
    assert lead.company is not None
    assert lead.company.employees == 250
    assert (lead.stage, lead.score) == ("mql", lead.score_card.total)
    assert lead.score > returned.score
    assert Handoff.objects.open().get(lead=lead).owner == rep
    event = lead.events.get(kind=EventKind.DATA_COMPLETED)
    assert event.payload == {"fields": ["company.employees", "contact.has_phone"]}
    assert event.actor == marketer


def test_completed_lead_that_rules_nurture_shows_the_reason(returned: Lead) -> None:
    draft = RuleSet.objects.create(name="Nobody for now", version=9)
    draft.rules.create(position=1, name="Summer", target="nurture")
    queue = Team.objects.get(name="Qualification")
    draft.rules.create(position=2, name="The rest", target="queue", team=queue)
    publish(rule_set=draft, by=None, at=MONDAY_9AM, allow_unstaffed=True)

    response = complete(
        make_person(Role.MARKETER),
        returned,
        **{"contact-has_phone": "030 1234567", "company-employees": "250"},
    )

    assert Lead.objects.get(pk=returned.pk).stage == "nurture"
    assert messages_of(response) == [
        "Saved, but not sent to sales. "
        "Moved to nurture by the rule “Summer”, which matches all leads."
    ]


def test_completed_lead_below_threshold_says_so(rep: User) -> None:
    handoff = make_handoff(lead_type="low_intent")
    missing = ["contact.seniority"]
    mark_cannot_evaluate(handoff_id=handoff.pk, missing_fields=missing, by=rep, at=MONDAY_9AM)

    response = complete(
        make_person(Role.MARKETER), handoff.lead, **{"contact-seniority": "student"}
    )

    assert Lead.objects.get(pk=handoff.lead_id).stage == "engaged"
    assert messages_of(response) == [
        "Saved. The score is still below the MQL threshold. See the criteria not met."
    ]


def test_completed_lead_is_not_offered_to_its_rejecter(rep: User) -> None:
    other = make_rep()
    team = make_pool(rep, other)
    handoff = make_handoff()
    decliner = owner_of(handoff)
    reject_handoff(handoff_id=handoff.pk, reason_code="bad_data", by=decliner, at=MONDAY_9AM)
    assert team.members.count() == 2

    complete(make_person(Role.MARKETER), handoff.lead, **{"contact-title": "COO"})

    again = Handoff.objects.open().get(lead=handoff.lead_id)
    assert again.owner not in (decliner, None)
    decision = again.decision
    assert decision is not None
    assert [
        person["excluded"] for person in decision.trace["rules"][0]["people"] if person["excluded"]
    ] == ["declined it or let it expire"]


def test_invalid_completion_shows_field_errors_and_saves_nothing(returned: Lead) -> None:
    before = returned.events.count()

    response = complete(
        make_person(Role.MARKETER),
        returned,
        **{"contact-has_phone": "call me", "company-employees": "many"},
    )

    page = Page(response)
    assert page.status == 422
    assert page.texts("#complete .field-error") == [
        "“call me” is not a phone number.",
        "Enter a whole number.",
    ]
    assert page.values("[name=contact-has_phone]") == ["call me"]
    assert returned.events.count() == before


def test_empty_completion_is_refused(returned: Lead) -> None:
    response = complete(make_person(Role.MARKETER), returned)

    assert response.status_code == 422
    assert Page(response).text("#complete [role=alert]") == "Fill in at least one field."
    assert Handoff.objects.filter(lead=returned).count() == 1


def test_email_of_another_contact_is_refused(rep: User) -> None:
    make_lead(email="taken@company.example")
    handoff = make_handoff()
    mark_cannot_evaluate(
        handoff_id=handoff.pk, missing_fields=["contact.has_email"], by=rep, at=MONDAY_9AM
    )

    response = complete(
        make_person(Role.MARKETER),
        handoff.lead,
        **{"contact-has_email": "Taken@Company.example"},
    )

    assert Page(response).text("#complete [role=alert]") == (
        "“taken@company.example” belongs to another contact."
    )
    assert not LeadEvent.objects.filter(kind=EventKind.DATA_COMPLETED).exists()


def test_completed_lead_is_not_completed_twice(returned: Lead) -> None:
    marketer = make_person(Role.MARKETER)
    complete(marketer, returned, **{"contact-has_phone": "+49 30 1234567"})

    complete(marketer, returned, **{"contact-has_phone": "+49 30 7654321"})

    assert Lead.objects.get(pk=returned.pk).contact.phone == "+49301234567"
    assert Handoff.objects.filter(lead=returned).count() == 2


@pytest.mark.parametrize("form", ["card", "complete"])
def test_completing_needs_a_marketing_role(form: str, rep: User, returned: Lead) -> None:
    path = f"/leads/{returned.pk}/{form}/"

    assert Client().post(path)["Location"] == "/sign-in/?next=/"
    for user in (rep, make_person(Role.LEADER), make_person(Role.OPERATIONS)):
        assert signed_in_as(user).post(path, CARD).status_code == 403
    marketer = make_person(Role.MARKETER)
    assert signed_in_as(marketer).get(path)["Location"] == returned.get_absolute_url()
    assert signed_in_as(marketer).post(f"/leads/999999/{form}/", CARD).status_code == 404
    assert not returned.events.filter(
        kind__in=[EventKind.CARD_EDITED, EventKind.DATA_COMPLETED]
    ).exists()
