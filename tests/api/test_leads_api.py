"""The leads list of the API."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any, Final

import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema
from time_machine import travel

from api.lead_list import COLUMNS, ApiLeadFilter, with_updated_at
from api.models import ApiKey
from handoff.answers.reject import reject_handoff
from leads.models import Campaign, Company, Lead, LeadEvent
from people.models import Team
from people.roles import Role
from tests.factories import make_handoff, make_lead, make_person, make_pool, make_rep, owner_of
from tests.intake.factories import make_key
from tests.intake.factories import problem as refusal
from tests.pages import Page, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

LEADS: Final = "/api/v1/leads/"
READ: Final = ApiKey.Scope.LEADS_READ
HOUR: Final = timedelta(hours=1)


@pytest.fixture
def secret() -> str:
    return make_key(READ)


def ask(secret: str, path: str = LEADS) -> tuple[int, Any]:
    answer = Client().get(path, headers={"Authorization": f"Bearer {secret}"})
    return answer.status_code, answer.json()


def names(secret: str, query: str = "") -> list[str]:
    status, answer = ask(secret, LEADS + query)
    assert status == 200, answer
    return [lead["contact"] for lead in answer["results"]]


def invalid_query(**errors: str) -> tuple[int, Any]:
    listed = [{"field": field, "message": message} for field, message in errors.items()]
    return refusal(400, "Some fields are invalid.", "invalid", errors=listed)


def cursor(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def recorded(lead: Lead) -> str:
    latest = LeadEvent.objects.filter(lead=lead).latest("recorded_at").recorded_at
    return latest.isoformat().replace("+00:00", "Z")


def make_leads(number: int) -> list[str]:
    """Make leads, two at each moment, and return their names, newest first."""
    for place in range(number):
        make_lead(name=f"Lead {place}", at=MONDAY_9AM + place // 2 * HOUR)
    return [f"Lead {place}" for place in reversed(range(number))]


def test_lead_has_the_fields_of_the_export(secret: str) -> None:
    make_pool(make_rep())
    Campaign.objects.create(code="spring", name="Spring")
    handoff = make_handoff(
        name="Ann Example",
        email="ann@c.example",
        domain="c.example",
        company="Company",
        phone="+49301234567",
        campaign="spring",
        external_id="a:7",
    )
    lead = handoff.lead
    Company.objects.update(country="DE")

    status, answer = ask(secret)

    assert status == 200
    assert answer == {
        "next": None,
        "previous": None,
        "updated_through": None,
        "results": [
            {
                "lead": lead.pk,
                "opened_at": "2026-11-02T09:00:00Z",
                "stage": "mql",
                "stage_entered_at": "2026-11-02T09:00:00Z",
                "closed_at": None,
                "temperature": "hot",
                "score": lead.score,
                "lead_type": "demo",
                "source": "website",
                "campaign": "spring",
                "contact": "Ann Example",
                "email": "ann@c.example",
                "phone": "+49301234567",
                "title": "Director of Operations",
                "external_ids": ["unnamed:a:7"],
                "company": "Company",
                "domain": "c.example",
                "country": "DE",
                "owner": owner_of(handoff).pk,
                "owner_email": owner_of(handoff).email,
                "queue": None,
                "queue_name": None,
                "amount": None,
                "currency": "",
                "updated_at": recorded(lead),
                "undone_at": None,
            }
        ],
    }


@pytest.mark.parametrize("sort", ["-opened", "opened", "-score", "score", "-stage", "stage"])
def test_following_next_lists_every_lead_once(secret: str, sort: str) -> None:
    expected = make_leads(7)
    path, seen, sizes = f"{LEADS}?size=3&sort={sort}&open=yes", [], []

    while path:
        _, answer = ask(secret, path)
        seen += [lead["contact"] for lead in answer["results"]]
        sizes.append(len(answer["results"]))
        path = answer["next"]

    assert sizes == [3, 3, 1]
    assert sorted(seen, reverse=True) == expected
    if sort.endswith("opened"):
        assert seen == (expected if sort == "-opened" else expected[::-1])


def test_lead_opened_between_pages_hides_and_repeats_none(secret: str) -> None:
    expected = make_leads(6)
    first = ask(secret, f"{LEADS}?size=3")[1]
    make_lead(name="Newest", at=MONDAY_9AM + 24 * HOUR)

    second = ask(secret, first["next"])[1]

    shown = [lead["contact"] for lead in (*first["results"], *second["results"])]
    assert shown == expected
    assert second["next"] is None


def test_previous_returns_the_page_before(secret: str) -> None:
    expected = make_leads(5)
    second = ask(secret, ask(secret, f"{LEADS}?size=2")[1]["next"])[1]

    first = ask(secret, second["previous"])[1]

    assert [lead["contact"] for lead in second["results"]] == expected[2:4]
    assert [lead["contact"] for lead in first["results"]] == expected[:2]
    assert first["previous"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?stage=mql", ["Ready"]),
        ("?stage=", ["Cold", "Gone", "Ready"]),
        ("?source=referral", ["Cold"]),
        ("?owner=none&stage=new", ["Cold"]),
        ("?open=no", ["Gone"]),
        ("?score_to=74&open=yes", ["Cold"]),
        ("?opened_to=2026-11-01", ["Cold"]),
        ("?q=read", ["Ready"]),
    ],
)
def test_filters_match_those_of_the_leads_page(
    secret: str, query: str, expected: list[str]
) -> None:
    make_pool(make_rep())
    make_lead(name="Ready")
    gone = make_handoff(name="Gone")
    reject_handoff(handoff_id=gone.pk, reason_code="not_icp", by=owner_of(gone), at=MONDAY_9AM)
    make_lead(
        name="Cold",
        source="referral",
        lead_type="low_intent",
        seniority="student",
        at=MONDAY_9AM - 24 * HOUR,
    )
    marketer = signed_in_as(make_person(Role.MARKETER))

    page = Page(marketer.get(f"/leads/{query}", follow=True))

    assert sorted(names(secret, query)) == expected
    assert sorted(page.texts("[data-key-focus]")) == expected


def test_filter_by_owner_or_queue(secret: str) -> None:
    rep = make_rep()
    make_pool(rep)
    make_lead(name="Ready")
    queue = Team.objects.get(name="Marketing")
    make_lead(name="Cold", lead_type="low_intent", seniority="student")

    assert names(secret, f"?owner={rep.pk}") == ["Ready"]
    assert names(secret, f"?queue={queue.pk}") == ["Cold"]


def test_leads_require_a_key() -> None:
    make_lead()

    answer = Client().get(LEADS)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_authenticated"


def test_leads_require_the_read_scope() -> None:
    make_lead()

    assert ask(make_key()) == refusal(
        403, "This API key does not have the scope leads:read.", "permission_denied"
    )


def test_invalid_filter_values_are_reported_and_nothing_is_listed(secret: str) -> None:
    make_lead()

    assert ask(secret, f"{LEADS}?stage=mpl&score_from=high&opened_to=soon&sort=name&size=501") == (
        invalid_query(
            stage="Select a valid choice. mpl is not one of the available choices.",
            score_from="Enter a number.",
            opened_to="Enter a valid date.",
            sort="Select a valid choice. name is not one of the available choices.",
            size="Ensure this value is less than or equal to 500.",
        )
    )


def test_unknown_parameter_is_rejected(secret: str) -> None:
    assert ask(secret, f"{LEADS}?stag=mql") == invalid_query(
        stag="“stag” is not a parameter here. Did you mean “stage”?"
    )


@pytest.mark.parametrize("name", ["opened_from", "opened_to"])
@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "2201-01-01", "9999-12-31"])
def test_day_outside_supported_years_is_rejected(name: str, day: str, secret: str) -> None:
    assert ask(secret, f"{LEADS}?{name}={day}") == invalid_query(
        **{name: "Choose a day between 1970 and 2200."}
    )


@pytest.mark.parametrize("own", ["me", "before"])
def test_own_leads_are_not_a_choice_for_a_key(own: str, secret: str) -> None:
    assert ask(secret, f"{LEADS}?owner={own}") == invalid_query(
        owner=f"Select a valid choice. {own} is not one of the available choices."
    )


@pytest.mark.parametrize(
    ("sort", "text"),
    [
        ("opened", "nonsense"),
        ("opened", cursor()),
        ("opened", cursor("soon", 1, 0)),
        ("opened", cursor("74", 1, 0)),
        ("opened", cursor("2026-11-02T09:00:00+00:00", 2**63, 0)),
        ("opened", cursor("2026-11-02T09:00:00+00:00", None, 0)),
        ("score", cursor("2026-11-02T09:00:00+00:00", 1, 0)),
        ("score", cursor("9" * 30, 1, 0)),
    ],
)
def test_cursor_of_another_order_is_rejected(secret: str, sort: str, text: str) -> None:
    make_lead()

    assert ask(secret, f"{LEADS}?sort={sort}&cursor={text}") == invalid_query(
        cursor="This is not a cursor of a list in this order."
    )


@pytest.mark.parametrize("number", [1, 12])
def test_page_takes_three_statements(secret: str, number: int) -> None:
    make_leads(number)
    ask(secret)

    with exactly_statements(3):
        ask(secret)


def test_request_limit_of_the_key_applies() -> None:
    secret = make_key(READ, requests_per_minute=2)

    with travel(MONDAY_9AM, tick=False):  # The limit counts by the minute of the clock.
        statuses = [ask(secret)[0] for _ in range(3)]

    assert statuses == [200, 200, 429]


def test_leads_cannot_be_posted(secret: str) -> None:
    answer = Client().post(LEADS, {}, headers={"Authorization": f"Bearer {secret}"})

    assert answer.status_code == 405


def test_schema_has_every_filter_and_field() -> None:
    schema = Client().get("/api/v1/schema/?format=json").json()

    validate_schema(schema)  # type: ignore[no-untyped-call]
    listed = schema["paths"][LEADS]["get"]
    results = listed["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
    assert list(results["results"]["items"]["properties"]) == list(COLUMNS)
    assert {parameter["name"] for parameter in listed["parameters"]} == {
        *ApiLeadFilter.base_filters,
        "sent_back",
        *("sort", "size", "cursor"),
    }
    assert set(listed["responses"]) == {"200", "400", "401", "403", "429", "500", "503"}


def test_list_joins_only_contacts_and_companies() -> None:
    leads = with_updated_at(Lead.objects.all()).values_list(*COLUMNS.values())

    assert str(leads.query).count(" JOIN ") == 2
