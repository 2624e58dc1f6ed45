"""Leads that are added by hand, through the pipeline of every other way in."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from handoff.models import Handoff, RoutingDecision
from handoff.suppression import suppression_of
from leads.external_ids import ensure_system
from leads.models import Company, Contact, EventKind, Lead, LeadEvent, Touch
from people.models import Absence, User
from people.roles import Role
from tests.factories import (
    make_handoff_to,
    make_lead,
    make_person,
    make_pool,
    make_rep,
)
from tests.pages import Page, htmx, messages_of, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

NEW = "/leads/new/"
KNOWN = "/leads/new/known/"
ANN: dict[str, Any] = {
    "email": "Ann@Acme.example",
    "phone": "030 901820",
    "name": "Ann Lee",
    "title": "Director of Operations",
    "company": "Acme",
    "country": "Germany",
    "kind": "demo_request",
    "source": "website",
    "stated_problem": "Pallets get lost.",
    "why": "Met at the fair.",
}
LATER = MONDAY_9AM + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _later() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def rep() -> User:
    rep = make_rep("Mia Hoffmann")
    make_pool(rep)
    return rep


def add(user: User | Client, **fields: Any) -> Any:
    client = user if isinstance(user, Client) else signed_in_as(user)
    return client.post(NEW, {**ANN, **fields}, follow=True)


@pytest.mark.parametrize("role", [Role.MARKETER, Role.OPERATIONS, Role.HANDOFF_OWNER])
def test_added_lead_is_scored_routed_and_offered_like_any_touch(role: Role, rep: User) -> None:
    user = make_person(role, "Sofie Maurer")

    response = add(user)

    lead, touch = Lead.objects.get(), Touch.objects.get()
    assert messages_of(response) == [f"Lead {lead.pk} added and offered to Mia Hoffmann."]
    assert response.redirect_chain == [(f"/leads/{lead.pk}/", 302)]
    contact = lead.contact
    assert (contact.email, contact.phone, contact.country) == (
        "ann@acme.example",
        "+4930901820",
        "DE",
    )
    assert (contact.name, contact.seniority, contact.company and contact.company.domain) == (
        "Ann Lee",
        "director",
        "acme.example",
    )
    assert (touch.via, touch.kind, touch.occurred_at, touch.set_aside) == (
        "hand",
        "demo_request",
        LATER,
        [],
    )
    assert (lead.stage, lead.owner, lead.source and lead.source.code) == ("mql", rep, "website")
    assert LeadEvent.objects.get(kind=EventKind.OPENED).actor == user
    assert lead.card.why == "Met at the fair."
    assert Handoff.objects.get().clocks.exists()


def test_stored_text_has_dates_as_messages_whoever_adds(rep: User) -> None:
    marketer = make_person(Role.MARKETER)
    User.objects.filter(pk=marketer.pk).update(date_style="iso")

    add(marketer)

    assert Lead.objects.get().card.content_engaged.endswith(", Nov 2, 2026")


def test_rep_adds_for_routing_and_is_told_who_got_it(rep: User) -> None:
    other = make_rep("Tobias Lind")

    response = add(other)

    lead = Lead.objects.get()
    assert (lead.owner, response.redirect_chain) == (rep, [("/leads/", 302)])
    assert messages_of(response) == [f"Lead {lead.pk} added and offered to Mia Hoffmann."]


def test_lead_that_is_not_ready_stays_with_marketing(rep: User) -> None:
    response = add(make_person(Role.MARKETER), kind="content_download", title="", phone="")

    lead = Lead.objects.get()
    assert (lead.owner, lead.stage, Handoff.objects.count()) == (None, "new", 0)
    assert messages_of(response) == [
        f"Lead {lead.pk} added. It is not ready for sales yet, and is with the {lead.queue} queue."
    ]


def test_leader_and_visitor_may_not_add() -> None:
    assert signed_in_as(make_person(Role.LEADER)).get(NEW).status_code == 403
    assert add(make_person(Role.LEADER)).status_code == 403
    assert not Page(signed_in_as(make_person(Role.LEADER)).get("/leads/")).has(f"[href='{NEW}']")
    assert not Lead.objects.exists()


def test_lists_lead_to_the_form(rep: User) -> None:
    client = signed_in_as(rep)

    assert Page(client.get("/inbox/")).has(f"main [href='{NEW}']")
    assert Page(client.get("/leads/")).has(f"main [href='{NEW}']")


@pytest.mark.parametrize(
    ("fields", "field", "error"),
    [
        ({"email": "", "phone": ""}, "email", "Enter an email address or a phone number."),
        ({"phone": "12"}, "phone", "“12” is not a phone number of its country."),
        ({"country": "Ruritania"}, "country", "Unknown country “Ruritania”."),
        ({"kind": ""}, "kind", "This field is required."),
        ({"email": "ann"}, "email", "Must be an email address such as ana@company.com."),
    ],
)
def test_error_stands_beside_its_field_and_keeps_what_was_typed(
    fields: dict[str, str], field: str, error: str, rep: User
) -> None:
    response = add(rep, **fields)

    page = Page(response)
    assert response.status_code == 422
    assert page.text(f"#id_{field}_error").startswith(error)
    assert page.values("#id_name") == ["Ann Lee"]
    assert page.text("#id_stated_problem") == "Pallets get lost."
    assert not Contact.objects.exists()


def test_known_email_is_shown_before_a_touch_is_added(rep: User) -> None:
    lead = make_lead(email="ann@acme.example", name="Ann Lee", company="Acme")
    marketer = signed_in_as(make_person(Role.MARKETER))

    response = add(marketer)

    page = Page(response)
    assert response.status_code == 422
    assert "Nothing was saved yet. This contact is known already" in page.text("#known")
    assert "Ann Lee at Acme has this email address. Mia Hoffmann has the open lead." in page.text(
        "#known"
    )
    assert page.links("#known a") == [f"/leads/{lead.pk}/"]
    assert Touch.objects.count() == 1

    saved = add(marketer, seen=page.values("[name=seen]"))

    assert messages_of(saved) == [f"Touch added to Lead {lead.pk}, which is with Mia Hoffmann."]
    assert (Lead.objects.count(), Touch.objects.count()) == (1, 2)
    lead.refresh_from_db()
    assert Handoff.objects.get().new_request_at == LATER


def test_same_name_at_the_same_company_can_be_chosen_or_not(rep: User) -> None:
    lead = make_lead(email="lee@acme.example", name="LEE, Ann", company="acme")
    marketer = signed_in_as(make_person(Role.MARKETER))

    response = Page(add(marketer, phone=""))

    assert response.values("#known button", "value") == [str(lead.contact_id)]
    chosen = add(marketer, phone="", contact=lead.contact_id)
    assert messages_of(chosen) == [f"Touch added to Lead {lead.pk}, which is with Mia Hoffmann."]
    touch = Touch.objects.latest("pk")
    assert touch.contact == lead.contact
    assert touch.set_aside == [
        {
            "field": "email",
            "value": "ann@acme.example",
            "reason": "The contact has another email address.",
        }
    ]

    add(marketer, phone="", seen=[str(lead.contact_id)])
    assert Contact.objects.count() == 2


def test_chosen_contact_without_email_gets_the_typed_one(rep: User) -> None:
    lead = make_lead(
        email="", name="Ann Lee", company="Acme", external_id="7", system=ensure_system("CRM")
    )

    add(rep, phone="", contact=lead.contact_id)

    assert Contact.objects.get().email == "ann@acme.example"
    assert Touch.objects.filter(lead=lead).count() == 2


def test_chosen_contact_without_any_identity_is_refused_in_words(rep: User) -> None:
    contact = make_lead(email="a@acme.example", name="Ann Lee", company="Acme", phone="").contact
    Contact.objects.update(email=None)

    response = add(rep, contact=contact.pk)

    assert response.status_code == 422
    assert "The chosen contact has no email address" in Page(response).text("form .message-error")
    assert Touch.objects.count() == 1


def test_contact_that_the_form_did_not_show_cannot_be_chosen(rep: User) -> None:
    stranger = make_lead().contact

    add(rep, contact=stranger.pk)

    assert Contact.objects.count() == 2
    assert stranger.touches.count() == 1


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ({"email": "ann@acme.example"}, True),
        ({"email": "ANN@acme.example", "kind": ""}, True),
        ({"email": "ann@acme"}, False),
        ({"name": "lee ann", "company": "ACME"}, True),
        ({"name": "Ann Lee"}, False),
        ({"phone": "030 901820", "country": "DE"}, True),
        ({"phone": "030 901820"}, False),
        ({}, False),
    ],
)
def test_hints_appear_while_typing(typed: dict[str, str], shown: bool, rep: User) -> None:
    make_lead(email="ann@acme.example", name="Ann Lee", company="Acme", phone="+4930901820")

    response = signed_in_as(rep).post(KNOWN, typed, **htmx("known"))

    page = Page(response)
    assert page.texts("#known") == [page.text("#known")]
    assert ("Ann Lee" in page.text("#known")) is shown
    assert not page.has("form")


def test_hint_names_a_lead_the_reader_may_not_open_without_a_link(rep: User) -> None:
    make_lead(email="ann@acme.example", name="Ann Lee", company="Acme")

    page = Page(signed_in_as(make_rep("Tobias Lind")).post(KNOWN, {"email": ANN["email"]}))

    assert "Mia Hoffmann has the open lead." in page.text("#known")
    assert page.links("#known a") == []


@pytest.mark.parametrize("number", [1, 5])
def test_statements_do_not_grow_with_the_contacts_shown(number: int, rep: User) -> None:
    for place in range(number):
        make_lead(email=f"p{place}@acme.example", name="Ann Lee", company="Acme", phone="")
    client = signed_in_as(rep)
    client.get(NEW)

    with exactly_statements(2):
        client.get(NEW)
    with exactly_statements(4):
        client.post(KNOWN, {"name": "Ann Lee", "company": "Acme"})


class TestAssignToMe:
    def test_new_lead_is_offered_to_the_rep_who_added_it(self, rep: User) -> None:
        tobias = make_rep("Tobias Lind")

        response = add(tobias, take="on", kind="event_attended", title="Student")

        lead = Lead.objects.get()
        assert response.redirect_chain == [(f"/leads/{lead.pk}/", 302)]
        assert (lead.owner, lead.stage) == (tobias, "mql")
        handoff = Handoff.objects.get()
        assert (handoff.owner, handoff.state) == (tobias, "offered")
        assert handoff.clocks.filter(kind="answer").exists()
        decision = RoutingDecision.objects.get()
        assert decision.because == "Assigned to Tobias Lind, who added this lead and took it."
        page = Page(response)
        assert decision.because in page.text("main")
        assert "Taken by the rep who added it." in page.text("main")

    def test_marketer_cannot_take_a_lead(self, rep: User) -> None:
        marketer = make_person(Role.MARKETER)

        assert not Page(signed_in_as(marketer).get(NEW)).has("[name=take]")
        add(marketer, take="on")
        assert Lead.objects.get().owner == rep

    @pytest.mark.parametrize("works", ["owner", "other lead"])
    def test_account_of_a_colleague_stays_with_the_rules(self, works: str, rep: User) -> None:
        tobias = make_rep("Tobias Lind")
        handoff = make_handoff_to(rep, company="Acme", domain="acme.example")
        if works == "owner":
            Company.objects.update(owner=rep)

        response = add(tobias, take="on")

        error = Page(response).text("#id_take_error")
        assert response.status_code == 422
        assert error == (
            "Mia Hoffmann owns this account. Let the rules assign this lead."
            if works == "owner"
            else "Mia Hoffmann has another open lead of this company. "
            "Let the rules assign this lead."
        )
        assert list(Lead.objects.all()) == [handoff.lead]

    def test_open_lead_is_not_taken_from_whoever_has_it(self, rep: User) -> None:
        lead = make_lead(email="ann@acme.example", name="Ann Lee", company="Acme")

        response = add(make_rep("Tobias"), take="on", seen=[str(lead.contact_id)])

        assert Page(response).text("#id_take_error") == (
            f"The contact already has an open lead, Lead {lead.pk}. Let the rules assign this lead."
        )
        assert Touch.objects.count() == 1

    def test_rep_on_time_off_is_refused(self, rep: User) -> None:
        Absence.objects.create(
            user=rep, starts_at=MONDAY_9AM, ends_at=MONDAY_9AM + timedelta(days=1)
        )

        assert Page(add(rep, take="on")).text("#id_take_error").startswith("You are absent today.")

    def test_suppressed_contact_is_left_to_marketing(self, rep: User) -> None:
        lead = make_lead(email="ann@acme.example", lead_type="low_intent", title="", phone="")
        Lead.objects.update(stage="lost", closed_at=MONDAY_9AM)
        Contact.objects.update(suppressed_at=MONDAY_9AM)

        response = add(rep, take="on", seen=[str(lead.contact_id)])

        assert "The contact is suppressed." in Page(response).text("#id_take_error")
        add(rep, seen=[str(lead.contact_id)])
        added = Lead.objects.latest("pk")
        assert (added.owner, bool(suppression_of(added))) == (None, True)
