"""Clients follow the changes of leads, look one up, and read it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any, Final

import pytest
from django.db import connection, transaction
from django.test import Client
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from api.lead_schema import LEAD_DETAIL
from api.models import ApiKey
from core.unit_of_work import UnitOfWork
from handoff.answers.attempts import log_attempt
from handoff.answers.reject import reject_handoff
from handoff.models import Attempt
from leads import event_log
from leads.events import WakeDateSet
from leads.models import Contact, Lead, LeadEvent
from tests.factories import make_handoff, make_lead, make_pool, make_receipt, make_rep, owner_of
from tests.intake.factories import make_key, problem
from tests.people.factories import MONDAY_9AM
from tests.statements import exactly_statements

LEADS: Final = "/api/v1/leads/"
READ: Final = ApiKey.Scope.LEADS_READ
PATIENCE: Final = 20


def ask(secret: str, path: str = LEADS, **query: Any) -> tuple[int, Any]:
    answer = Client().get(path, query, headers={"Authorization": f"Bearer {secret}"})
    return answer.status_code, answer.json()


def names(secret: str, **query: Any) -> list[str]:
    status, answer = ask(secret, **query)
    assert status == 200, answer
    return [lead["contact"] for lead in answer["results"]]


def copy_event(lead: Lead, at: datetime) -> None:
    """Record an event of the lead at this time."""
    latest = LeadEvent.objects.filter(lead=lead).latest("pk")
    LeadEvent.objects.create(
        lead=lead, kind=latest.kind, occurred_at=at, recorded_at=at, payload=latest.payload
    )


LATER: Final = datetime(2040, 1, 1, tzinfo=UTC)  # after the events of the factories
MINUTE: Final = timedelta(minutes=1)


@pytest.fixture
def changed(db: None) -> list[Lead]:
    """Make five leads, of which all but the first changed later, two at the same time."""
    leads = [make_lead(name=f"Lead {place}") for place in range(5)]
    for place, minutes in ((1, 3), (2, 1), (3, 2), (4, 2)):
        copy_event(leads[place], LATER + minutes * MINUTE)
    return leads


def test_changed_leads_are_listed_by_their_update(changed: list[Lead]) -> None:
    status, answer = ask(make_key(READ), updated_since="2040-01-01T00:02:00Z")

    assert status == 200
    listed = [(lead["contact"], lead["updated_at"]) for lead in answer["results"]]
    assert listed == [
        ("Lead 3", "2040-01-01T00:02:00Z"),
        ("Lead 4", "2040-01-01T00:02:00Z"),
        ("Lead 1", "2040-01-01T00:03:00Z"),
    ]


def test_pages_of_changed_leads_have_each_once(changed: list[Lead]) -> None:
    secret, shown = make_key(READ), []
    path = f"{LEADS}?updated_since=2040-01-01T00:00:00Z&size=1"

    while path:
        answer = Client().get(path, headers={"Authorization": f"Bearer {secret}"}).json()
        shown += [lead["contact"] for lead in answer["results"]]
        path = answer["next"]

    assert shown == ["Lead 2", "Lead 3", "Lead 4", "Lead 1"]


def test_lead_that_changes_between_pages_is_listed_again(changed: list[Lead]) -> None:
    secret = make_key(READ)
    first = ask(secret, updated_since="2040-01-01T00:00:00Z", size=2)[1]
    copy_event(changed[2], LATER + 9 * MINUTE)

    second = Client().get(first["next"], headers={"Authorization": f"Bearer {secret}"}).json()

    assert [lead["contact"] for lead in first["results"]] == ["Lead 2", "Lead 3"]
    assert [lead["contact"] for lead in second["results"]] == ["Lead 4", "Lead 1"]
    assert second["next"]


def test_filters_combine_with_the_update(changed: list[Lead]) -> None:
    key = make_key(READ)

    assert names(key, updated_since="2040-01-01T00:00:00Z", q="Lead 4") == ["Lead 4"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ({"updated_since": " "}, "Must be a date and time with a UTC offset"),
        ({"updated_since": "yesterday"}, "Must be a date and time with a UTC offset"),
        ({"updated_since": "2026-11-02T09:00:00"}, "Must be a date and time with a UTC offset"),
        ({"updated_since": "2026-11-02T09:00:00Z", "sort": "score"}, "sorted by their update"),
        ({"email": "ann"}, "Enter a valid email address."),
        ({"external_id": "x" * 201}, "at most 200 characters"),
    ],
)
def test_wrong_values_are_refused(query: dict[str, str], errors: str) -> None:
    status, answer = ask(make_key(READ), **query)

    assert status == 400
    assert errors in answer["errors"][0]["message"]


@pytest.mark.django_db
def test_too_many_parameters_are_refused(client: Client) -> None:
    query = "&".join(f"q{number}=1" for number in range(1_001))

    answer = client.get(f"{LEADS}?{query}", headers={"Authorization": f"Bearer {make_key(READ)}"})

    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert answer.json()["detail"] == "The request has too many parameters."


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 6])
def test_changed_leads_take_four_statements(number: int) -> None:
    for place in range(number):
        make_lead(name=f"Lead {place}")
    secret = make_key(READ)
    ask(secret, updated_since="2020-01-01T00:00:00Z")

    with exactly_statements(4):
        ask(secret, updated_since="2020-01-01T00:00:00Z")


@pytest.mark.django_db(transaction=True)
def test_change_that_commits_late_is_not_missed() -> None:
    secret, lead = make_key(READ), make_lead(name="Late")
    start = ask(secret, updated_since="2020-01-01T00:00:00Z")[1]["updated_through"]
    wrote, may_commit = Event(), Event()

    def change() -> None:
        try:
            with transaction.atomic():
                work = UnitOfWork()
                event_log.record(work, lead.pk, WakeDateSet(day="2026-12-01"), at=MONDAY_9AM)
                work.write()
                wrote.set()
                assert may_commit.wait(PATIENCE)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        committed = threads.submit(change)
        assert wrote.wait(PATIENCE)
        other = make_lead(name="Other")
        between = ask(secret, updated_since=start)[1]
        may_commit.set()
        committed.result()
    after = ask(secret, updated_since=between["updated_through"])[1]

    late = LeadEvent.objects.filter(lead=lead).latest("recorded_at").recorded_at
    assert late < LeadEvent.objects.filter(lead=other).earliest("recorded_at").recorded_at
    assert datetime.fromisoformat(between["updated_through"]) < late
    assert {lead["contact"] for lead in after["results"]} >= {"Late", "Other"}


@pytest.mark.django_db
def test_leads_are_found_by_exact_email_and_external_id() -> None:
    make_lead(name="Ann", email="ann@company.example", external_id="A1")
    make_lead(name="Joann", email="joann@company.example", external_id="A12")
    key = make_key(READ)

    assert names(key, email="ann@company.example") == ["Ann"]
    assert names(key, email="ANN@Company.example") == ["Ann"]
    assert names(key, email="n@company.example") == []
    assert names(key, external_id="A1") == ["Ann"]
    assert names(key, external_id="A") == []


def detail_of(lead_id: int) -> dict[str, Any]:
    status, answer = ask(make_key(READ), f"{LEADS}{lead_id}/")
    assert status == 200, answer
    return dict(answer)


@pytest.mark.django_db
def test_lead_is_read_with_touches_handoffs_and_answers() -> None:
    make_pool(make_rep())
    handoff = make_handoff(name="Ann", email="ann@company.example", company="Company")
    owner = owner_of(handoff)
    make_receipt(
        name="Ann",
        email="ann@company.example",
        company="Company",
        kind="content_download",
        at=MONDAY_9AM + MINUTE,
    )
    log_attempt(
        handoff_id=handoff.pk,
        by=owner,
        channel=Attempt.Channel.CALL,
        outcome=Attempt.Outcome.NO_ANSWER,
        occurred_at=MONDAY_9AM + MINUTE,
        at=MONDAY_9AM + MINUTE,
    )
    reject_handoff(
        handoff_id=handoff.pk,
        reason_code="no_budget",
        note="Next year",
        by=owner,
        at=MONDAY_9AM + 2 * MINUTE,
    )

    lead = detail_of(handoff.lead_id)

    Draft202012Validator(LEAD_DETAIL).validate(lead)
    assert lead["contact"]["name"] == "Ann"
    assert lead["contact"]["email"] == "ann@company.example"
    assert lead["company"]["name"] == "Company"
    assert lead["stage"] == "nurture"
    assert [touch["kind"] for touch in lead["touches"]] == ["content_download", "demo_request"]
    (answered,) = lead["handoffs"]
    assert answered["state"] == "rejected"
    assert answered["reason"] == "no_budget"
    assert answered["note"] == "Next year"
    assert answered["owner"] == answered["answered_by"] == owner.pk
    assert answered["owner_email"] == answered["answered_by_email"] == owner.email
    assert answered["answered_at"] == "2026-11-02T09:02:00Z"
    (attempt,) = lead["attempts"]
    assert (attempt["by"], attempt["outcome"]) == (owner.pk, "no_answer")
    assert attempt["handoff"] == answered["id"]


@pytest.mark.django_db
def test_lead_without_a_company_is_read() -> None:
    lead = make_lead(lead_type="low_intent")
    Lead.objects.update(company=None)

    assert detail_of(lead.pk)["company"] is None


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 4])
def test_lead_takes_five_statements(number: int) -> None:
    make_pool(make_rep())
    lead_id = make_handoff(email="ann@company.example").lead_id
    for place in range(number):
        make_receipt(email="ann@company.example", at=MONDAY_9AM + place * MINUTE)
    secret = make_key(READ)
    assert Contact.objects.count() == 1

    with exactly_statements(5):
        ask(secret, f"{LEADS}{lead_id}/")


@pytest.mark.django_db
def test_unknown_lead_is_not_found_and_parameters_are_refused() -> None:
    lead, key = make_lead(), make_key(READ)

    assert ask(key, f"{LEADS}0/") == problem(404, "This address does not exist.", "not_found")
    assert ask(key, f"{LEADS}{2**70}/")[0] == 404
    assert ask(key, f"{LEADS}{lead.pk}/", expand="all")[0] == 400
    assert ask(make_key(), f"{LEADS}{lead.pk}/")[0] == 403
