"""The Q selects exactly the leads for which the predicate is True, on real rows."""

import random
import unicodedata
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import given

from core.criteria.evaluate import compile_predicate
from core.criteria.operators import fold
from core.criteria.sql import to_q
from leads.criteria import parse
from leads.facts import PATHS, facts_as_json, facts_from_json, facts_from_row
from leads.field_catalog import SIGNALS
from leads.models import Campaign, Company, Contact, Lead, LeadType, Source, Touch
from leads.stages import CLOSED, Stage
from people.models import User
from tests.core.criteria_strategies import CODES, MOMENTS, NUMBERS, WORDS, tree_data
from tests.examples import examples

pytestmark = pytest.mark.django_db
MONDAY = MOMENTS[0]


def make_many_leads(count: int) -> None:
    """Leads with every column filled, empty or NULL, by a fixed seed."""
    pick = random.Random(2026)
    owner = User.objects.create_user("ana@example.com", name="Ana Lima")
    content: dict[str, list[Any]] = {
        "source": Source.objects.bulk_create(Source(code=code, name=code) for code in CODES),
        "campaign": Campaign.objects.bulk_create(Campaign(code=code, name=code) for code in CODES),
        "lead_type": LeadType.objects.bulk_create(LeadType(code=code, name=code) for code in CODES),
    }
    companies = Company.objects.bulk_create(random_company(pick, owner) for _ in range(count))
    contacts = Contact.objects.bulk_create(random_contact(pick, number) for number in range(count))
    leads = [random_lead(pick, contact, owner, content) for contact in contacts]
    for number, (lead, company) in enumerate(zip(leads, companies, strict=True), start=1):
        lead.company = pick.choice([None, company, company, companies[0]])
        lead.first_touch_id = number
    Lead.objects.bulk_create(leads)
    Touch.objects.bulk_create(
        Touch(
            pk=lead.first_touch_id,
            contact=lead.contact,
            lead=lead,
            occurred_at=MONDAY,
            recorded_at=MONDAY,
        )
        for lead in leads
    )


def random_company(pick: random.Random, owner: User) -> Company:
    return Company(
        name="Acme",
        industry=pick.choice(["", *WORDS]),
        employees=pick.choice([None, *NUMBERS]),
        country=pick.choice(["", "AF", "AL", "DE"]),
        region=pick.choice(["", *WORDS]),
        revenue_band=pick.choice(["", "under_1m", "1m_10m"]),
        is_target_account=pick.choice([None, True, False]),
        is_customer=pick.choice([None, True, False]),
        owner=pick.choice([None, owner]),
        created_at=MONDAY,
        updated_at=MONDAY,
    )


def random_contact(pick: random.Random, number: int) -> Contact:
    return Contact(
        email=pick.choice([None, f"{number}@example.com"]),
        email_is_corporate=pick.choice([None, True, False]),
        phone=pick.choice([None, "", "+4930123456"]),
        title=pick.choice(["", *WORDS]),
        seniority=pick.choice(["", "c_level", "vp", "student"]),
        persona=pick.choice(["", *WORDS]),
        country=pick.choice(["", "AF", "AL", "DE"]),
        suppressed_at=pick.choice([None, MONDAY]),
        created_at=MONDAY,
        updated_at=MONDAY,
    )


def random_lead(
    pick: random.Random, contact: Contact, owner: User, content: dict[str, list[Any]]
) -> Lead:
    stage = pick.choice(list(Stage))
    kinds = pick.sample([kind for kind, _ in SIGNALS], 6)
    return Lead(
        contact=contact,
        stage=stage,
        stage_entered_at=MONDAY,
        opened_at=pick.choice(MOMENTS) + pick.choice([timedelta(0), timedelta(microseconds=1)]),
        closed_at=MONDAY if stage in CLOSED else None,
        owner=owner,
        **{name: pick.choice([None, *rows]) for name, rows in content.items()},
        temperature=pick.choice(["hot", "warm", "cold"]),
        medium=pick.choice(["", *WORDS]),
        latest_touch_at=pick.choice(MOMENTS),
        touch_count=pick.choice(NUMBERS),
        signals={
            kind: {"count": pick.choice(NUMBERS), "last": MONDAY.isoformat()} for kind in kinds
        },
        stated_problem=pick.choice(["", "Leads get lost"]),
        product_interest=pick.choice(["", *WORDS]),
        timing=pick.choice(["", "now", "later"]),
        score=pick.choice([0, 1, 49, 50]),
        intent_score=pick.choice([0, 1, 49, 50]),
    )


def facts_by_lead() -> dict[int, dict[str, Any]]:
    reps = Lead.objects.company_reps()
    rows = Lead.objects.values_list("pk", *PATHS)
    return {pk: facts_from_row(tuple(row), has_company_rep=pk in reps) for pk, *row in rows}


def test_predicate_and_sql_select_the_same_leads() -> None:
    make_many_leads(300)
    known = facts_by_lead()
    assert len(known) == 300
    assert 0 < sum(facts["company.has_open_lead"] for facts in known.values()) < 300

    @given(tree_data())
    @examples(250)
    def agree(data: dict[str, Any]) -> None:
        tree = parse(data)
        holds = compile_predicate(tree)
        selected = set(
            Lead.objects.with_company_rep().filter(to_q(tree)).values_list("pk", flat=True)
        )
        assert selected == {pk for pk, facts in known.items() if holds(facts) is True}

    agree()


@pytest.mark.parametrize(
    "data",
    [
        {"all": []},
        {"not": {"all": []}},
        {"any": [{"all": []}, {"field": "lead.stage", "op": "is", "value": "new"}]},
        {"all": [{"not": {"all": []}}, {"field": "lead.stage", "op": "is", "value": "new"}]},
        {"field": "lead.score", "op": "between", "value": [0, 2_147_483_647]},
        {"not": {"field": "lead.score", "op": "between", "value": [0, 2_147_483_647]}},
        {"field": "lead.score", "op": "at_most", "value": 2_147_483_647},
        {"not": {"field": "lead.score", "op": "is", "value": -2_147_483_647}},
        {"field": "company.employees", "op": "at_least", "value": -1},
        {"not": {"field": "company.employees", "op": "at_most", "value": -1}},
        {"field": "signal.form", "op": "between", "value": [1, 2_147_483_647]},
        {"field": "signal.form", "op": "is_known"},
        {"not": {"field": "signal.form", "op": "is", "value": 0}},
        {"field": "contact.title", "op": "none_of", "value": ["VP SALES", "İZMIR"]},
        {"not": {"field": "company.industry", "op": "contains", "value": "%"}},
        {"not": {"not": {"field": "company.employees", "op": "is_not", "value": 50}}},
        {"not": {"field": "company.has_owner", "op": "is", "value": True}},
        {"field": "company.has_open_lead", "op": "is", "value": True},
        {"not": {"field": "company.has_open_lead", "op": "is", "value": True}},
        {"not": {"field": "company.is_customer", "op": "is", "value": False}},
        {"field": "lead.opened_at", "op": "before", "value": "2026-03-03T00:00:00-03:00"},
    ],
)
def test_predicate_and_sql_agree_on_unknown_values(data: dict[str, Any]) -> None:
    make_many_leads(60)
    tree = parse(data)
    holds = compile_predicate(tree)

    selected = set(Lead.objects.with_company_rep().filter(to_q(tree)).values_list("pk", flat=True))

    assert selected == {pk for pk, facts in facts_by_lead().items() if holds(facts) is True}


def test_unknown_fact_matches_neither_condition_nor_negation() -> None:
    make_many_leads(60)
    large = {"field": "company.employees", "op": "at_least", "value": 50}

    answered = [
        Lead.objects.with_company_rep().filter(to_q(parse(data))).count()
        for data in (large, {"not": large})
    ]

    unknown = Lead.objects.filter(company__employees=None).count()
    assert unknown > 0
    assert sum(answered) == 60 - unknown


@pytest.mark.slow
def test_case_folding_follows_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT chr(code), lower(chr(code) COLLATE pg_c_utf8)"
            " FROM generate_series(1, 1114111) AS code WHERE code NOT BETWEEN 55296 AND 57343"
        )
        # A newer Unicode in either of the two knows letters that the other does not.
        known = [row for row in cursor.fetchall() if unicodedata.category(row[0]) != "Cn"]

    differing = [letter for letter, lower in known if fold(letter) != lower]
    assert len(known) > 140_000
    assert differing == []


def test_facts_round_trip_through_a_stored_decision() -> None:
    make_many_leads(20)

    for row in Lead.objects.values_list(*PATHS):
        facts = facts_from_row(row)
        assert facts_from_json(facts_as_json(facts)) == facts
        assert None not in facts.values()
        assert "" not in facts.values()
