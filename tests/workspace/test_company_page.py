"""The page of a company: people, leads, touches in short, owner and domains."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from leads.models import Company, Contact, Lead
from people.models import User
from people.roles import Role
from tests.factories import make_handoff, make_person, make_pool, make_rep, request_again
from tests.pages import Page, card, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.plans import plans_of, pretend_large
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
KESTREL = {"company": "Kestrel", "domain": "kestrel.example"}


@pytest.fixture(autouse=True)
def _later() -> Iterator[None]:
    with time_machine.travel(MONDAY_9AM + 48 * HOUR, tick=False):
        yield


@pytest.fixture
def rep() -> User:
    rep = make_rep("Mia Hoffmann")
    make_pool(rep)
    return rep


def lead_of(name: str, **fields: Any) -> Lead:
    email = f"{name.partition(' ')[0].lower()}@kestrel.example"
    return make_handoff(name=name, **{**KESTREL, "email": email, **fields}).lead


def kestrel() -> Company:
    return Company.objects.get(domain="kestrel.example")


def page_of(user: User, query: str = "") -> Page:
    return page_at(f"/companies/{kestrel().pk}/{query}", user)


@pytest.mark.parametrize(
    ("style", "text"),
    [("comma", "12,500"), ("point", "12.500"), ("space", "12\u202f500"), ("apostrophe", "12’500")],
)
def test_numbers_follow_the_reader(rep: User, style: str, text: str) -> None:
    lead_of("Ana Lopes", employees=12_500)
    User.objects.filter(pk=rep.pk).update(number_style=style)

    facts = page_of(rep).facts(card("About"))

    assert facts["Company size"] == f"{text} employees"


def test_page_has_people_leads_and_touches(rep: User) -> None:
    first = lead_of("Ann Gray")
    second = lead_of("Bo Lind", at=MONDAY_9AM + HOUR)
    request_again(first, at=MONDAY_9AM + 2 * HOUR)

    page = page_of(rep)

    assert page.links(f"{card('Leads')} th a") == [f"/leads/{second.pk}/", f"/leads/{first.pk}/"]
    assert page.links(f"{card('People')} th a") == [
        f"/contacts/{first.contact_id}/",
        f"/contacts/{second.contact_id}/",
    ]
    assert page.texts(f"{card('Touches')} li > span") == ["Demo request · 3 times"]
    assert page.facts(card("Email domains")) == {"kestrel.example": "2 contacts"}


def test_account_owner_target_account_and_customer(rep: User) -> None:
    lead_of("Ann Gray")
    Company.objects.update(owner=rep, is_target_account=True, is_customer=False)

    page = page_of(make_person(Role.MARKETER))

    facts = page.facts(card("About"))
    assert (facts["Account owner"], facts["Target account"], facts["Customer"]) == (
        "Mia Hoffmann",
        "Yes",
        "No",
    )
    assert "Target account" in page.texts(".lead-marks .badge")
    assert page.has('a[href^="/admin/leads/company/"]')


def test_rep_sees_only_people_and_leads_they_may_open(rep: User) -> None:
    mine = lead_of("Ann Gray")
    other, theirs = make_rep("Tom Brandt"), lead_of("Bo Lind")
    Lead.objects.filter(pk=theirs.pk).update(owner=other)
    theirs.handoffs.update(owner=other)

    page = page_of(rep)

    assert page.links(f"{card('Leads')} th a") == [f"/leads/{mine.pk}/"]
    assert page.links(f"{card('People')} th a") == [f"/contacts/{mine.contact_id}/"]
    stranger = make_rep("Eva Sommer")
    assert signed_in_as(stranger).get(f"/companies/{kestrel().pk}/").status_code == 404


def test_closed_leads_of_present_contacts_are_listed(rep: User) -> None:
    lead = lead_of("Ann Gray")
    Lead.objects.filter(pk=lead.pk).update(
        stage="disqualified", closed_at=MONDAY_9AM + HOUR, company=None
    )

    assert page_of(rep).links(f"{card('Leads')} th a") == [f"/leads/{lead.pk}/"]


def test_large_company_is_shown_in_pages(rep: User) -> None:
    lead_of("Aaa First")
    for number in range(30):
        Contact.objects.create(
            name=f"Person {number:02}",
            company=kestrel(),
            created_at=MONDAY_9AM,
            updated_at=MONDAY_9AM,
        )
    reader = make_person(Role.MARKETER)

    first = page_of(reader)
    (after,) = first.links(f"{card('People')} [rel=next]")
    second = page_of(reader, after.partition("#")[0])

    assert first.text(f"{card('People')} .card-head span") == "31"
    assert first.texts(f"{card('People')} th a")[0] == "Aaa First"
    assert len(first.all(f"{card('People')} tbody tr")) == 25
    assert second.texts(f"{card('People')} th a") == [f"Person {n:02}" for n in range(24, 30)]


@pytest.mark.parametrize("people", [1, 12])
@pytest.mark.parametrize("role", [Role.REP, Role.MARKETER])
def test_statements_do_not_grow_with_people(people: int, role: Role, rep: User) -> None:
    for number in range(people):
        lead_of(f"P{number} Gray")
    client = signed_in_as(rep if role is Role.REP else make_person(role))
    path = f"/companies/{kestrel().pk}/"

    # User, company, people, leads, domains, touches, corrections.
    with exactly_statements(7):
        client.get(path)


def test_nameless_contact_is_called_as_everywhere(rep: User) -> None:
    lead = lead_of("", email="")

    page = page_of(rep)

    called = str(lead.contact)
    assert page.texts(f"{card('People')} th a") == [called] == page.texts(f"{card('Leads')} th a")


def test_no_growing_table_is_read_for_the_touches_of_a_company(rep: User) -> None:
    lead_of("Ana Lopes")
    tables = ["leads_leadevent", "leads_touch", "leads_contact", "leads_lead"]
    pretend_large(*tables)

    plans = plans_of(lambda: page_of(rep))

    (plan,) = (plan for plan in plans if "leads_touch" in plan and "Aggregate" in plan)
    assert [table for table in tables if f"Seq Scan on {table} " in plan] == []
