"""Contacts that a person corrects on the page of a lead."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from handoff.models import Handoff
from handoff.pipeline import receive
from leads.models import Contact, Correction, EventKind, Lead, LeadEvent
from people.models import User
from people.roles import Role
from tests.factories import make_lead, make_person, make_pool, make_rep, make_touch
from tests.pages import Page, card, messages_of, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(hours=1)
ANN: dict[str, Any] = {"email": "ann@acme.example", "name": "Ann Lee", "title": "Analyst"}


@pytest.fixture(autouse=True)
def _later() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def rep() -> User:
    rep = make_rep("Mia Hoffmann")
    make_pool(rep)
    return rep


def edit(user: User | Client, lead: Lead, **fields: Any) -> Any:
    client = user if isinstance(user, Client) else signed_in_as(user)
    path = f"/leads/{lead.pk}/contact/"
    page = Page(client.get(path))
    names = page.values("main form input", "name")
    stored = dict(zip(names, page.values("main form input"), strict=False))
    typed = {name: page.values(f"main [name={name}]")[:1] or [""] for name in stored}
    sent = {name: values[0] for name, values in typed.items()}
    return client.post(path, {**sent, **fields}, follow=True)


def test_rep_corrects_a_contact_with_history(rep: User) -> None:
    lead = make_lead(**ANN)

    response = edit(rep, lead, name="Ana Lima", phone="030 901820", country="Germany")

    assert messages_of(response) == ["Contact saved."]
    contact = Contact.objects.get()
    assert (contact.name, contact.name_key) == ("Ana Lima", "ana lima")
    assert (contact.phone, contact.country) == ("+4930901820", "DE")
    correction = Correction.objects.get()
    assert (correction.by, correction.at) == (rep, LATER)
    assert correction.changes["name"] == ["Ann Lee", "Ana Lima"]
    event = LeadEvent.objects.get(kind=EventKind.CONTACT_EDITED)
    assert (event.actor, event.payload) == (rep, {"fields": ["name", "phone"]})
    page = Page(response)
    assert page.text("h1") == "Ana Lima"
    assert "Name Ann Lee" in page.text(card("Earlier values"))
    assert "Contact edited · Mia Hoffmann Name, Phone" in page.text(card("Activity"))


def test_corrected_value_outlives_the_next_touch(rep: User) -> None:
    lead = make_lead(**ANN)

    edit(rep, lead, name="Ana Lima")
    receive(make_touch(**ANN, occurred_at=LATER), at=LATER, via="test")

    assert Contact.objects.get().name == "Ana Lima"


def test_title_gives_the_seniority_and_makes_the_lead_ready(rep: User) -> None:
    lead = make_lead(**ANN, kind="content_download", lead_type="download", seniority="staff")
    assert not Handoff.objects.exists()
    before = lead.score

    edit(make_person(Role.OPERATIONS), lead, title="Director of Operations")

    lead.refresh_from_db()
    assert lead.contact.seniority == "director"
    assert lead.score > before


def test_cleared_email_is_no_longer_corporate(rep: User) -> None:
    lead = make_lead(**ANN)

    edit(rep, lead, email="")

    assert Contact.objects.values_list("email", "email_is_corporate").get() == (None, None)


def test_closed_lead_is_corrected_without_being_offered(rep: User) -> None:
    lead = make_lead(**ANN, kind="content_download", lead_type="download", seniority="staff")
    Lead.objects.update(stage="lost", closed_at=MONDAY_9AM)

    edit(make_person(Role.MARKETER), lead, title="Director of Operations")

    assert Contact.objects.get().title == "Director of Operations"
    assert not Handoff.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("phone", "123", "“123” is not a phone number of its country."),
        ("country", "Ruritania", "Unknown country “Ruritania”."),
        ("email", "taken@acme.example", "Contact with this Email already exists."),
    ],
)
def test_wrong_value_is_refused_beside_its_field(
    field: str, value: str, error: str, rep: User
) -> None:
    make_lead(email="taken@acme.example")
    lead = make_lead(**ANN)

    response = edit(rep, lead, **{field: value, "name": "Typed"})

    page = Page(response)
    assert response.status_code == 422
    assert page.text(f"#id_{field}_error").startswith(error)
    assert page.values("#id_name") == ["Typed"]
    assert not Correction.objects.exists()


def test_change_made_meanwhile_is_not_overwritten(rep: User) -> None:
    lead = make_lead(**ANN)

    response = edit(rep, lead, seen="old", name="Typed")

    assert response.status_code == 422
    assert Contact.objects.get().name == "Ann Lee"


def test_saving_without_a_change_says_so(rep: User) -> None:
    response = edit(rep, make_lead(**ANN))

    assert messages_of(response) == ["Nothing was changed."]
    assert not LeadEvent.objects.filter(kind=EventKind.CONTACT_EDITED).exists()


def test_leader_and_rep_of_another_team_may_not_edit(rep: User) -> None:
    lead = make_lead(**ANN)
    path = f"/leads/{lead.pk}/contact/"

    assert signed_in_as(make_person(Role.LEADER)).get(path).status_code == 403
    assert signed_in_as(make_rep("Tobias")).get(path).status_code == 404
    assert not page_at(f"/leads/{lead.pk}/", make_person(Role.LEADER)).has(f"[href='{path}']")
    assert page_at(f"/leads/{lead.pk}/", rep).has(f"[href='{path}']")


def test_page_takes_three_statements(rep: User) -> None:
    lead = make_lead(**ANN)
    client = signed_in_as(rep)
    client.get(f"/leads/{lead.pk}/contact/")

    with exactly_statements(3):
        client.get(f"/leads/{lead.pk}/contact/")
