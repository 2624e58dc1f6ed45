"""N-56: the search of the bar: what it finds, in which order, for whom, and by which plan."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.contrib.admin import site
from django.db import connection
from django.test import RequestFactory

from leads.models import Campaign, Company, Contact, Lead
from leads.search import Term
from people.models import User
from people.roles import Role
from tests.factories import make_handoff, make_lead, make_person, make_pool, make_rep
from tests.pages import Page, signed_in_as
from tests.people.factories import make_team, make_user
from tests.statements import exactly_statements
from workspace.search.kinds import KINDS, read_hits
from workspace.search.matches import matches_sql, read_matches

pytestmark = pytest.mark.django_db


def found(user: User, text: str) -> dict[str, list[str]]:
    hits = read_hits(Term.of(text), user, 20)
    return {kind.label: [hit.title for hit in rows] for kind, rows in hits.items()}


@pytest.fixture
def marketer() -> User:
    return make_person(Role.MARKETER, "Olga Marten")


def test_accents_are_folded_both_ways(marketer: User) -> None:
    make_lead(name="José Núñez", company="Café Munchen")
    make_lead(name="Jose Plain", company="Brauerei München")

    assert found(marketer, "jose")["Contacts"] == ["José Núñez", "Jose Plain"]
    assert found(marketer, "José")["Contacts"] == ["José Núñez", "Jose Plain"]
    assert found(marketer, "munchen")["Companies"] == ["Brauerei München", "Café Munchen"]
    assert found(marketer, "MÜNCHEN")["Companies"] == ["Brauerei München", "Café Munchen"]


def test_exact_name_comes_first_then_the_start_then_a_later_word(marketer: User) -> None:
    for name in ("Lee Ann", "Anna Berg", "Ann", "Ann Zorn"):
        make_lead(name=name)

    assert found(marketer, "ann")["Contacts"] == ["Ann", "Ann Zorn", "Anna Berg", "Lee Ann"]


@pytest.mark.parametrize("limit", [1, 1_000])
def test_exact_name_is_found_among_more_than_are_compared(
    limit: int, marketer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workspace.search.matches.MAX_COMPARED", limit)
    for name in ("Ann Berg", "Ann Zorn", "Ann"):
        make_lead(name=name)

    assert found(marketer, "ann")["Contacts"][0] == "Ann"


def test_contact_is_found_by_email_phone_external_id_and_number(marketer: User) -> None:
    lead = make_lead(
        name="Ann Berg", email="ann@vega.example", phone="+493012345678", external_id="C-77"
    )
    make_lead(name="Bob Ray", email="bob@other.example", phone="+14155552671")

    for text in ("ann@vega.ex", "030 12345678", "+49 30 12", "C-77", "unnamed:C-77"):
        assert found(marketer, text) == {"Leads": ["Ann Berg"], "Contacts": ["Ann Berg"]}, text
    for text in (str(lead.pk), f"#{lead.pk}"):
        assert found(marketer, text)["Leads"][0] == "Ann Berg"


def test_campaigns_and_people_are_found_by_name(marketer: User) -> None:
    Campaign.objects.create(code="spring-24", name="Été 2024")
    make_user(name="Zoë Gone", is_active=False)
    zoe = make_user(name="Zoë Kaiser")

    assert found(marketer, "ete") == {"Campaigns": ["Été 2024"]}
    assert found(marketer, "zoe") == {"People": ["Zoë Kaiser"]}
    assert found(marketer, zoe.email) == {"People": ["Zoë Kaiser"]}


def test_user_finds_only_what_they_may_open() -> None:
    mia, other = make_rep("Mia"), make_rep("Otto")
    make_pool(mia)
    make_team(other)
    make_handoff(name="Ann Berg", company="Vega")
    hidden = make_lead(name="Ann Hidden", company="Vega Two", lead_type="low_intent", kind="form")
    Lead.objects.filter(pk=hidden.pk).update(owner=None)

    assert found(mia, "ann") == {"Leads": ["Ann Berg"], "Contacts": ["Ann Berg"]}
    assert found(mia, "vega")["Companies"] == ["Vega"]
    assert found(other, "ann") == {}
    assert found(other, "vega") == {}
    assert found(other, hidden.contact.email or "") == {}
    assert found(other, f"#{hidden.pk}") == {}
    assert found(make_user(), "ann") == {}


def test_merged_contact_is_left_out(marketer: User) -> None:
    first, second = make_lead(name="Ann Berg"), make_lead(name="Ann Bergh")
    Contact.objects.filter(pk=second.contact_id).update(merged_into=first.contact_id)

    assert found(marketer, "ann")["Contacts"] == ["Ann Berg"]


@pytest.mark.parametrize(
    "text", ["'; \\", "& | !", "<->", "(", "%", "\x00", " ", "a" * 500, "\u0301"]
)
def test_odd_text_finds_nothing(text: str, marketer: User) -> None:
    assert found(marketer, text) == {}


@pytest.mark.parametrize("role", [Role.REP, Role.LEADER, Role.MARKETER, Role.OPERATIONS])
def test_request_takes_two_statements_beside_that_of_the_user(role: Role) -> None:
    for number in range(30):
        make_lead(name=f"Ann {number}")
    client = signed_in_as(make_person(role))

    with exactly_statements(3):
        response = client.get("/search/options/?q=ann")

    assert response.status_code == 200


def test_pages_and_actions_are_those_of_the_role(marketer: User) -> None:
    manager = make_person(Role.SALES_MANAGER)

    def labels(user: User, text: str) -> list[str]:
        page = Page(signed_in_as(user).get("/search/options/", {"q": text}))
        return page.texts(".search-title")

    assert labels(manager, "add time") == ["Add time off"]
    assert labels(marketer, "add time") == []
    assert labels(marketer, "campaigns") == ["Campaigns", "Campaigns"]
    assert labels(manager, "campaigns") == []
    assert labels(marketer, "add a lead") == ["Add a lead"]
    assert labels(make_person(Role.OPERATIONS), "try a lead") == ["Try a lead"]
    assert "Funnel" in labels(manager, "")


def test_page_shows_the_same_results_by_kind(marketer: User) -> None:
    lead = make_lead(name="José Núñez")

    page = Page(signed_in_as(marketer).get("/search/?q=jose"))

    assert page.texts("main h2") == ["Leads", "Contacts"]
    assert f'href="/leads/{lead.pk}/"' in page.html
    nothing = Page(signed_in_as(marketer).get("/search/?q=nobody"))
    assert "Nothing found" in nothing.text("main .empty")


MANY_CONTACTS = """
INSERT INTO leads_company (id, name, domain, industry, country, region, revenue_band, origins,
    created_at, updated_at)
SELECT i, md5('c' || i) || (ARRAY[' Works', ' Gmbh'])[1 + i % 2], 'company' || i || '.example', '',
    '', '', '', '{}', now(), now()
FROM generate_series(90000001, 90005000) AS i;
INSERT INTO leads_contact (id, name, name_key, email, phone, phone_extension, company_id, title,
    seniority, persona, country, origins, created_at, updated_at)
SELECT i, (ARRAY['Ann', 'Zoë', 'José', 'Jürgen'])[1 + i % 4] || ' ' || md5(i::text), '',
    'person' || i || '@example.org', '+4930' || i, '', 90000001 + i % 5000, '', '', '', '', '{}',
    now(), now()
FROM generate_series(90000001, 90020000) AS i;
ANALYZE leads_company, leads_contact, leads_externalid
"""


TEXTS = (
    "a",
    "ann",
    "jose",
    "zoe 7f",
    "person90000042@",
    "030 90000",
    "90000042",
    "unnamed:7",
    "works",
)


def test_plan_reads_contacts_and_companies_by_index() -> None:
    make_lead(name="José Núñez", external_id="7")
    with connection.cursor() as cursor:
        cursor.execute(MANY_CONTACTS)

    for user, text in product((make_person(Role.LEADER), make_rep()), TEXTS):
        term = Term.of(text)
        for plan in plans_of(term, user):
            assert "Seq Scan on leads_contact" not in plan, plan
            assert "Seq Scan on leads_company" not in plan, plan


def plans_of(term: Term, user: User) -> Iterator[str]:
    sql, params = matches_sql(term, user)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", params)
        yield "\n".join(line for (line,) in cursor.fetchall())
    matches = read_matches(term, user)
    for kind in KINDS[:3]:
        yield kind.query(term, user, matches).order_by("rank", *kind.order)[:5].explain()


def test_beginning_of_an_email_finds_no_one_with_the_same_words(marketer: User) -> None:
    make_lead(name="Ann Berg", email="person77@vega.example")
    make_lead(name="Bob Ray", email="person771@vega.example", company="Person77 Works")
    make_user(name="Person77 Else")
    Campaign.objects.create(code="person77", name="Person77")

    assert found(marketer, "person77@") == {"Leads": ["Ann Berg"], "Contacts": ["Ann Berg"]}
    assert found(marketer, "person77")["Contacts"] == ["Ann Berg", "Bob Ray"]
    client = signed_in_as(marketer)
    assert Page(client.get("/leads/?q=person77@")).texts("[data-key-focus]") == ["Ann Berg"]


def test_rep_finds_leads_of_the_team_among_more_than_are_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("workspace.search.matches.MAX_COMPARED", 2)
    for number in range(5):
        make_lead(name=f"Other Ann {number}", company=f"Works {number}")
    assert not Lead.objects.exclude(owner=None).exists()
    mia = make_rep("Mia")
    make_pool(mia)
    make_handoff(name="Own Ann", company="Own Works")

    assert found(mia, "ann") == {"Leads": ["Own Ann"], "Contacts": ["Own Ann"]}
    assert found(mia, "works")["Companies"] == ["Own Works"]
    assert found(mia, "works")["Leads"] == ["Own Ann"]


def test_rep_finds_an_email_by_its_beginning_among_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("workspace.search.matches.MAX_COMPARED", 1)
    make_lead(name="Other", email="person77@other.example")
    mia = make_rep("Mia")
    make_pool(mia)
    make_handoff(name="Own Ann", email="person77@own.example", company="Person77 Works")
    make_handoff(name="Own Bob", email="person771@own.example")

    assert found(mia, "person77@") == {"Leads": ["Own Ann"], "Contacts": ["Own Ann"]}


def test_plan_of_the_admin_reads_contacts_and_companies_by_index(rf: RequestFactory) -> None:
    make_lead(name="José Núñez", external_id="7")
    with connection.cursor() as cursor:
        cursor.execute(MANY_CONTACTS)

    for model, text in product((Contact, Company), TEXTS):
        rows: Any = model._default_manager.order_by("-pk")
        results, _ = site.get_model_admin(model).get_search_results(rf.get("/"), rows, text)
        plan = results[:20].explain()

        assert "Seq Scan on leads_contact" not in plan, plan
        assert "Seq Scan on leads_company" not in plan, plan


def test_try_a_lead_leads_to_the_rules_at_work() -> None:
    response = signed_in_as(make_person(Role.OPERATIONS)).get("/search/try-lead/")

    assert response["Location"].endswith("/try_lead/")
