"""Leads whose contact has no name, and how each page calls them."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from leads.external_ids import ensure_system
from leads.models import Lead
from people.models import User
from people.roles import Role
from reporting.rollups.refresh import follow_log
from tests.factories import make_handoff, make_lead, make_person, make_pool, make_rep
from tests.pages import Page, card, htmx, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(minutes=5)
NAMELESS: dict[str, Any] = {"name": "", "email": "", "email_is_corporate": None}


@pytest.fixture
def rep() -> User:
    rep = make_rep("Mia Hoffmann")
    make_pool(rep)
    return rep


def names_at(path: str, user: User) -> list[str]:
    with time_machine.travel(LATER, tick=False):
        return page_at(path, user).texts("[data-key-focus]")


def nameless_lead(external_id: str, **fields: Any) -> Lead:
    return make_lead(**NAMELESS, external_id=external_id, system=ensure_system("CRM"), **fields)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"name": "Ann Lee", "external_id": "7"}, "Ann Lee"),
        ({"name": "", "email": "ann@acme.example", "external_id": "7"}, "ann@acme.example"),
        ({**NAMELESS, "external_id": "7"}, "CRM:7"),
        ({**NAMELESS, "external_id": "7", "phone": ""}, "CRM:7"),
        (NAMELESS | {"phone": "+493012345"}, "+493012345"),
    ],
)
def test_list_and_lead_page_say_the_same_name(fields: dict[str, Any], name: str) -> None:
    lead = make_lead(system=ensure_system("CRM"), **fields)
    marketer = make_person(Role.MARKETER)

    assert names_at("/leads/", marketer) == [name]
    assert page_at(f"/leads/{lead.pk}/", marketer).text("h1") == name


def test_a_contact_without_anything_but_a_company_is_unknown() -> None:
    lead = nameless_lead("7", phone="")
    lead.contact.external_ids.all().delete()
    marketer = make_person(Role.MARKETER)

    assert names_at("/leads/", marketer) == ["Name unknown"]
    assert page_at(f"/leads/{lead.pk}/", marketer).text("h1") == "Name unknown"


def test_an_id_that_belongs_to_another_contact_names_no_one() -> None:
    lead = nameless_lead("7", phone="")
    lead.contact.external_ids.update(is_conflict=True)

    assert names_at("/leads/", make_person(Role.MARKETER)) == ["Name unknown"]


def test_inbox_and_pane_name_the_lead_by_its_external_id(rep: User) -> None:
    handoff = make_handoff(**NAMELESS, external_id="7", system=ensure_system("CRM"))

    with time_machine.travel(LATER, tick=False):
        inbox = page_at("/inbox/", rep)
        pane = page_at(f"/leads/{handoff.lead_id}/", rep, **htmx())

    assert inbox.texts(".offer-who") == ["CRM:7"]
    assert inbox.text(".offer-company").startswith("Director of Operations · ")
    assert pane.text("h2 a") == "CRM:7"


@pytest.mark.parametrize("leads", [1, 12])
def test_leads_behind_a_figure_are_named_in_one_statement(leads: int) -> None:
    for number in range(leads):
        nameless_lead(f"A{number:02}", phone="")
    client = signed_in_as(make_person(Role.LEADER))
    with time_machine.travel(LATER, tick=False):
        follow_log(at=LATER)
        client.get("/reports/leads/?metric=leads")

        with exactly_statements(5):
            response = client.get("/reports/leads/?metric=leads")

    names = Page(response).texts("tbody th > a")
    assert sorted(names) == [f"CRM:A{number:02}" for number in range(leads)]


def test_notices_and_related_leads_use_the_external_id(rep: User) -> None:
    handoff = make_handoff(**NAMELESS, external_id="7", system=ensure_system("CRM"))
    company = handoff.lead.company
    assert company is not None
    other = make_lead(company=company.name, domain=company.domain)

    with time_machine.travel(LATER, tick=False):
        notices = page_at("/notices/", rep)
        page = page_at(f"/leads/{other.pk}/", make_person(Role.MARKETER))

    assert "CRM:7" in notices.text("main")
    assert "CRM:7" in page.text(card("Other open leads of this company"))
