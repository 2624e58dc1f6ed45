"""Words to leads: the same leads whether few or many contacts have the words."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from django.db import connection

from leads import search
from leads.models import Lead
from tests.factories import make_receipt
from tests.plans import forget_values, pretend_large

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["frequent", "many", "few"], autouse=True)
def number(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Find the leads as those of a frequent word, or as those of many or few contacts."""
    if request.param == "frequent":
        monkeypatch.setattr(search, "matching_contacts", lambda term: None)
    elif request.param == "many":
        monkeypatch.setattr(search, "MAX_LOOKED_UP", 0)
    return str(request.param)


def make_person(name: str, email: str, company: str, phone: str) -> int:
    domain = f"{company.partition(' ')[0].lower()}.example"
    return make_receipt(
        name=name,
        email=email,
        company=company,
        domain=domain,
        phone=phone,
        external_id=f"{name}/7",
    ).lead_id


@pytest.fixture
def leads() -> dict[str, int]:
    return {
        "Ann": make_person("Ann Lee", "ann@acme.example", "Acme Works", "+493012345678"),
        "Bob": make_person("Bob Ray", "bob@acme.example", "Acme Works", "+14155552671"),
        "Anna": make_person("Anna Kim", "a_k%1@other.example", "Other", "+498912345678"),
        "José": make_person("José Łuczak", "j@cafe.example", "Café Zürich", "+34911234567"),
    }


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ann lee", {"Ann"}),
        ("LEE ann", {"Ann"}),
        ("ann", {"Ann", "Anna"}),
        ("acme", {"Ann", "Bob"}),
        ("work acm", set()),
        ("works acm", {"Ann", "Bob"}),
        ("ann acme", set()),
        ("bob@acme.ex", {"Bob"}),
        ("BOB@", {"Bob"}),
        ("a_k%1@", {"Anna"}),
        ("Ann Lee/7", {"Ann"}),
        ("Unnamed:Bob Ray/7", {"Bob"}),
        ("crm:Bob Ray/7", set()),
        ("Bob Ray/8", set()),
        ("it's \\", set()),
        ("jose", {"José"}),
        ("Luczak JÓSÉ", {"José"}),
        ("cafe zur", {"José"}),
        ("zurich", {"José"}),
        ("Łucz", {"José"}),
        ("cáfé Zürich", {"José"}),
        ("+49 30 123", {"Ann"}),
        ("0049 (30) 12", {"Ann"}),
        ("030 / 1234 5678", {"Ann"}),
        ("5678", {"Ann", "Anna"}),
        ("(415) 555-2671", {"Bob"}),
        ("678", set()),
        ("  ", {"Ann", "Bob", "Anna", "José"}),
    ],
)
def test_words_match_contacts_and_companies(
    leads: dict[str, int], words: str, expected: set[str]
) -> None:
    ids = set(search.search(Lead.objects.all(), words).leads.values_list("pk", flat=True))

    assert ids == {leads[name] for name in expected}


@pytest.mark.parametrize("text", ["{}", "#{}"])
def test_number_finds_its_lead_only(leads: dict[str, int], text: str) -> None:
    matching = search.search(Lead.objects.all(), text.format(leads["Bob"])).leads

    assert list(matching.values_list("pk", flat=True)) == [leads["Bob"]]


@pytest.mark.parametrize("number", ["few"], indirect=True)
def test_frequent_word_is_known_without_reading_its_matches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "MAX_LOOKED_UP", 4)
    for number in range(5):
        make_person(
            f"Ann{number} Lee", f"{number}@x.example", f"C{number} Works", f"+4930123{number}"
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE leads_contact, leads_company")

    for text, is_frequent in {"an": True, "works": True, "ann3": False, "lee ann": False}.items():
        contacts, params = search.Term.of(text).contacts(5)
        plan = run_plan_of(search.MATCHING_SQL.format(contacts=contacts), params)
        scans = re.findall(r"on (\w+_by_words) .*\((actual|never)", plan)

        assert scans == [
            (index, "never" if is_frequent else "actual")
            for index in ("contact_by_words", "company_by_words")
        ]
        assert search.search(Lead.objects.all(), text).has_many_matches == (text != "ann3")


CONTACTS_HAVE_ONE_LEAD: Final = """
SELECT pg_restore_attribute_stats(
    'schemaname', 'public', 'relname', 'leads_lead', 'attname', 'contact_id', 'inherited', false,
    'null_frac', 0::real, 'avg_width', 8, 'n_distinct', -1::real
)
"""


def test_leads_of_a_page_are_read_by_an_index(leads: dict[str, int], number: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE leads_contact, leads_company")
    pretend_large("leads_lead", "leads_contact", "leads_company", "leads_externalid")
    forget_values("contact_by_words", "company_by_words")
    with connection.cursor() as cursor:
        cursor.execute(CONTACTS_HAVE_ONE_LEAD)

    for text in ("ann", "ann@", "5678", "7"):
        matching = search.search(Lead.objects.counted(), text).leads
        plan = matching.order_by("-opened_at", "-pk")[:51].explain()

        assert "Seq Scan on leads" not in plan
        assert ("lead_by_opened" in plan) == (number == "frequent")


def run_plan_of(sql: str, params: Any) -> str:
    """Return the plan with what was read."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN ANALYZE {sql}", params)
        return "\n".join(line for (line,) in cursor.fetchall())
