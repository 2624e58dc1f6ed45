"""The first lead that waits for each member of a pool, from an index in the order of waiting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handoff.answers.reject import reject_handoff
from handoff.assignment.eligibility import Place
from handoff.assignment.history import decliners_of
from handoff.assignment.waiting_order import FIRST_WAITING, waiting_place
from handoff.invariants.queues import waiting_leads_keep_their_place
from handoff.models import Handoff
from handoff.pipeline import receive, receive_many
from intake.repairs import repair_values
from leads.models import Lead
from people.availability import availability, of_teams
from people.models import Membership, Team, User
from people.roles import Role
from tests.factories import (
    make_handoff,
    make_person,
    make_rep,
    make_touch,
    request_again,
    route_everything_to,
)
from tests.people.factories import MONDAY_9AM, make_team
from tests.plans import generic_plan_of, pretend_large, scans_of
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
COLDER: dict[str, Any] = {"kind": "pricing_download", "lead_type": "download"}


@pytest.fixture
def rep() -> User:
    return make_rep("Mia Kern")


@pytest.fixture
def pool(rep: User) -> Team:
    """Return a pool of two whose leads wait, because neither may have any."""
    pool = make_team(rep, make_rep("Jon Frei"))
    route_everything_to(pool, when_nobody="queue", fallback_queue=make_team(name="Backup"))
    Membership.objects.update(capacity=0)
    return pool


def first_waiting(pool: Team) -> dict[int, int | None]:
    """Return the lead that each member gets next."""
    members = availability([pool.pk], at=MONDAY_9AM, also=FIRST_WAITING)
    return {row.user_id: Place(*row.also).lead_id if row.also else None for row in members}


def expected(pool: Team) -> dict[int, int | None]:
    """Return the same from all that wait."""
    waiting = Handoff.objects.waiting().filter(waits_for__contains=[pool.pk])
    leads = Lead.objects.filter(pk__in=waiting.values("lead"))
    declined = decliners_of([lead.pk for lead in leads])
    in_order = sorted(leads, key=lambda lead: waiting_place(lead, since=lead.stage_entered_at))
    return {
        user_id: next(
            (lead.pk for lead in in_order if user_id not in declined.get(lead.pk, ())), None
        )
        for user_id in Membership.objects.filter(team=pool).values_list("user", flat=True)
    }


def test_no_lead_waits_for_anyone_in_an_empty_queue(pool: Team) -> None:
    assert set(first_waiting(pool).values()) == {None}


def test_of_leads_that_wait_as_long_the_lower_id_is_first(pool: Team) -> None:
    first, *_ = (make_handoff() for _ in range(3))

    assert set(first_waiting(pool).values()) == {first.lead_id}


def test_hot_lead_is_first_and_then_the_longest_ready(pool: Team) -> None:
    later = make_handoff(at=MONDAY_9AM + MINUTE, **COLDER)
    sooner = make_handoff(**COLDER)
    assert (later.temperature, set(first_waiting(pool).values())) == ("warm", {sooner.lead_id})

    hot = make_handoff(at=MONDAY_9AM + 2 * MINUTE)

    assert set(first_waiting(pool).values()) == {hot.lead_id}


def test_lead_is_first_only_for_those_who_did_not_decline_it(pool: Team, rep: User) -> None:
    Membership.objects.filter(user=rep).update(capacity=1)
    declined = make_handoff()
    reject_handoff(handoff_id=declined.pk, by=rep, at=MONDAY_9AM, reason_code="bad_timing")
    Membership.objects.update(capacity=0)
    Lead.objects.filter(pk=declined.lead_id).update(returned_at=None)
    request_again(declined.lead, at=MONDAY_9AM + MINUTE)
    other = make_handoff(at=MONDAY_9AM + 2 * MINUTE)

    assert set(first_waiting(pool).values()) == {declined.lead_id, other.lead_id}
    assert first_waiting(pool) == expected(pool)
    assert first_waiting(pool)[rep.pk] == other.lead_id


def test_first_is_the_first_of_all_that_wait_for_the_pool(pool: Team) -> None:
    other = make_team(make_rep())
    for number in range(8):
        at = MONDAY_9AM + number % 3 * MINUTE
        make_handoff(at=at, **(COLDER if number % 2 else {}))
    waiting = Handoff.objects.waiting().order_by("pk")
    pools: list[list[int]] = [[other.pk], [other.pk, pool.pk], [pool.pk], []]
    for number, handoff in enumerate(waiting):
        Handoff.objects.filter(pk=handoff.pk).update(waits_for=pools[number % len(pools)])

    for team in (pool, other):
        assert first_waiting(team) == expected(team)


def test_lead_that_becomes_hot_while_it_waits_goes_first(pool: Team) -> None:
    make_handoff(**COLDER)
    warmer = make_handoff(at=MONDAY_9AM + MINUTE, **COLDER)

    request_again(warmer.lead, at=MONDAY_9AM + 2 * MINUTE)

    assert set(first_waiting(pool).values()) == {warmer.lead_id}
    assert list(waiting_leads_keep_their_place(MONDAY_9AM)) == []


def test_leads_of_a_batch_change_places_in_one_statement(pool: Team) -> None:
    emails = [f"ann{number}@kontor.example" for number in range(3)]
    for email in emails:
        make_handoff(email=email, **COLDER)
    again = [make_touch(email=email, kind="demo_request", lead_type="demo") for email in emails]

    with CaptureQueriesContext(connection) as captured:
        receive_many(again, at=MONDAY_9AM + MINUTE, via="test")

    moved = [query for query in captured if 'SET "waits_as_hot"' in query["sql"]]
    assert len(moved) == 1
    assert Handoff.objects.waiting().filter(waits_as_hot=True).count() == 3
    assert list(waiting_leads_keep_their_place(MONDAY_9AM)) == []


def test_lead_that_a_repair_cools_waits_behind_hot_ones(pool: Team) -> None:
    unclear = make_handoff(lead_type="", set_aside=({"field": "lead_type", "value": "dwnload"},))
    hot = make_handoff(at=MONDAY_9AM + MINUTE)
    assert set(first_waiting(pool).values()) == {unclear.lead_id}

    marketer = make_person(Role.MARKETER)
    repair_values(
        field="lead_type", value="dwnload", entered="download", by=marketer, at=MONDAY_9AM + MINUTE
    )

    assert set(first_waiting(pool).values()) == {hot.lead_id}
    assert list(waiting_leads_keep_their_place(MONDAY_9AM)) == []


def test_lead_that_waits_in_another_place_is_found(pool: Team) -> None:
    waiting = make_handoff()
    assert list(waiting_leads_keep_their_place(MONDAY_9AM)) == []

    changes: list[dict[str, Any]] = [
        {"waits_as_hot": False},
        {"waits_since": MONDAY_9AM + MINUTE, "waits_as_hot": True},
    ]
    for columns in changes:
        Handoff.objects.filter(pk=waiting.pk).update(**columns)
        (violation,) = waiting_leads_keep_their_place(MONDAY_9AM)
        assert violation.subject == f"lead {waiting.lead_id}"


@pytest.mark.parametrize("count", [1, 12])
def test_pool_reads_only_the_first_that_wait(pool: Team, count: int) -> None:
    for _ in range(count):
        make_handoff()
    pretend_large("handoff_handoff")
    sql = of_teams(FIRST_WAITING, lock=True)
    values: dict[str, Any] = {"at": MONDAY_9AM, "teams": [pool.pk]}
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        ((plan,),) = cursor.fetchall()

    scans = scans_of("handoff_handoff", plan)
    read = [scan for scan in scans if scan["Index Name"] == "handoff_that_waits"]
    assert {scan["Node Type"] for scan in read} == {"Index Only Scan"}
    # The first list of pools, no other, and the first lead for each of two members.
    assert sorted(scan["Actual Rows"] * scan["Actual Loops"] for scan in read) == [0, 1, 2]
    assert not any(scan.get("Rows Removed by Filter") for scan in read)


def test_prepared_statement_reads_waiting_leads_from_their_index(pool: Team) -> None:
    make_handoff()
    pretend_large("handoff_handoff")
    sql = of_teams(FIRST_WAITING, lock=True)

    plan = generic_plan_of(sql, {"at": MONDAY_9AM, "teams": [pool.pk]})

    assert "Seq Scan on handoff_handoff" not in plan


def test_touch_while_leads_wait_costs_no_more_statements(pool: Team) -> None:
    for _ in range(3):
        make_handoff()

    with exactly_statements(4):
        receive(make_touch(), at=MONDAY_9AM, via="test")
