"""Count in steps, count late commits, and compare with a full recount."""

from __future__ import annotations

import random
import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from pytest_django import Settings

from leads.event_log import GUARD_OFF, GUARD_ON, TABLE
from leads.events import REVERSED, StageChanged
from leads.models import LeadEvent
from leads.stages import FUNNEL, Stage
from reporting.models import (
    HandoffDay,
    HandoffMilestones,
    LeadDay,
    LeadMilestones,
    LogCursor,
    Restatement,
)
from reporting.rollups.build import LEAD_ROLLUP
from reporting.rollups.prove import prove
from reporting.rollups.refresh import follow_log, rebuild, updated_at
from tests.reporting.history import (
    DAY,
    HOUR,
    MONDAY,
    accept,
    attempt,
    breach_sla,
    log,
    make_campaign,
    make_lead,
    make_lead_type,
    make_person,
    make_source,
    make_team,
    meet_sla,
    move,
    offer,
    reject,
    settle,
)
from tests.reporting.rollups import counts_by_code, counts_of, set_count
from tests.threads import at_once

LATER = MONDAY + 60 * DAY


def everything_counted() -> dict[str, list[tuple[Any, ...]]]:
    tables = (LeadMilestones, HandoffMilestones, LeadDay, HandoffDay)
    return {
        table.__name__: sorted(
            (tuple(row) for row in table._default_manager.values_list(*_columns(table))), key=repr
        )
        for table in tables
    }


def _columns(table: Any) -> list[str]:
    return [field.attname for field in table._meta.concrete_fields if field.name != "id"]


def log_random_event(rng: random.Random, leads: list[Any], handoffs: list[Any]) -> None:
    """Log one random event, not always in the usual order."""
    people = [make_person(name) for name in ("Robin Reed", "Kim Katz", "Lou Lind")]
    at = MONDAY + timedelta(minutes=rng.randrange(60 * 24 * 10))
    event = rng.randrange(9)
    if event == 0 or not leads:
        leads.append(
            make_lead(
                opened=at,
                source=rng.choice([None, make_source("Paid search"), make_source("Webinar")]),
                campaign=rng.choice([None, make_campaign()]),
                lead_type=rng.choice([None, make_lead_type()]),
                temperature=rng.choice(["hot", "warm", "cold"]),
            )
        )
    elif event in {1, 2}:
        move(rng.choice(leads), rng.choice([*FUNNEL[1:-1], Stage.NURTURE]), at)
    elif event == 3 or not handoffs:
        team = make_team(rng.choice(["North", "South"]))
        handoffs.append(offer(rng.choice(leads), at, user=rng.choice([None, *people]), team=team))
    elif event == 4:
        accept(rng.choice(handoffs), at, rng.choice(people))
    elif event == 5:
        reject(rng.choice(handoffs), at, rng.choice(people), rng.choice(["a", "b"]))
    elif event == 6:
        lead = rng.choice(leads)
        move(lead, Stage.WON, at)
        reversal = StageChanged(why=REVERSED, reason="not_signed")
        log(lead, reversal, at + rng.choice([-HOUR, HOUR]), Stage.OPPORTUNITY)
    elif event == 7:
        attempt(rng.choice(handoffs), at)
    else:
        end_clock = rng.choice([meet_sla, breach_sla])
        end_clock(rng.choice(handoffs), at, rng.choice(["answer", "first_contact"]))


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_incremental_refresh_equals_rebuild(seed: int) -> None:
    rng = random.Random(seed)
    leads: list[Any] = []
    handoffs: list[Any] = []
    for _ in range(60):
        log_random_event(rng, leads, handoffs)
        if rng.random() < 0.3:
            follow_log(at=LATER)
    follow_log(at=LATER)
    in_steps = everything_counted()

    for table in (LeadMilestones, HandoffMilestones, LeadDay, HandoffDay):
        table._default_manager.all().delete()
    rebuild(at=LATER)

    assert everything_counted() == in_steps
    assert in_steps["LeadDay"]
    assert in_steps["HandoffDay"]


@pytest.mark.django_db
def test_all_grains_of_a_day_have_the_same_total() -> None:
    for source in (None, make_source("Paid search"), make_source("Webinar")):
        lead = make_lead(source=source)
        move(lead, Stage.MQL, MONDAY + HOUR)

    follow_log(at=LATER)

    for grain in LEAD_ROLLUP.grains:
        rows = LEAD_ROLLUP.rows().filter(grain=LEAD_ROLLUP.mask(grain))
        counts = [counts_by_code(LEAD_ROLLUP, row) for row in rows]
        assert sum(row["leads"] for row in counts) == 3, grain
        assert sum(row["mql"] for row in counts) == 3, grain


@pytest.mark.django_db
def test_leads_without_source_have_their_own_row() -> None:
    make_lead(source=None)
    make_lead(source=make_source())

    follow_log(at=LATER)

    rows = LeadDay.objects.filter(grain=LEAD_ROLLUP.mask(("source",)))
    leads = {row.source_id: counts_by_code(LEAD_ROLLUP, row)["leads"] for row in rows}
    assert leads == {None: 1, make_source().pk: 1}


@pytest.mark.django_db
def test_only_changed_days_are_replaced() -> None:
    old, new = make_lead(opened=MONDAY), make_lead(opened=MONDAY + DAY)
    follow_log(at=LATER)
    before = set(LeadDay.objects.filter(day=old.opened_at.date()).values_list("pk", flat=True))

    move(new, Stage.MQL, MONDAY + 2 * DAY)
    follow_log(at=LATER)

    assert before == set(
        LeadDay.objects.filter(day=old.opened_at.date()).values_list("pk", flat=True)
    )
    counts = counts_of(LEAD_ROLLUP, day=new.opened_at.date())
    assert (counts["leads"], counts["mql"]) == (1, 1)


@pytest.mark.django_db
def test_counts_are_stored_with_a_full_header() -> None:
    """With a short one, each sum over them would copy the whole array."""
    make_lead()
    follow_log(at=LATER)

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_column_size(counts), cardinality(counts) FROM reporting_leadday")
        sizes = cursor.fetchall()

    assert sizes
    assert {size - 4 * number for size, number in sizes} == {24}


@pytest.mark.django_db
def test_changed_time_zone_rebuilds_all_days(settings: Settings) -> None:
    make_lead(opened=MONDAY.replace(hour=20))
    follow_log(at=LATER)

    settings.REPORTING_TIME_ZONE = "Pacific/Auckland"
    follow_log(at=LATER)

    assert LeadDay.objects.values_list("day", flat=True).distinct().get() == date(2026, 3, 3)
    assert LogCursor.objects.get().zone == "Pacific/Auckland"


@pytest.mark.django_db(transaction=True)
def test_backup_of_another_cluster_is_counted_again_once() -> None:
    leads = [make_lead(), make_lead()]
    settle()
    follow_log(at=LATER)
    number_as_another_cluster_did(ahead=10_000_000)

    settle()
    follow_log(at=LATER)
    move(leads[0], Stage.MQL, MONDAY + HOUR)

    settle()
    assert follow_log(at=LATER) == 1
    settle()
    assert follow_log(at=LATER) == 0
    counts = counts_of(LEAD_ROLLUP)
    assert (counts["leads"], counts["mql"]) == (2, 1)


def number_as_another_cluster_did(*, ahead: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(GUARD_OFF)
        cursor.execute(f"UPDATE {TABLE} SET transaction = transaction + %s", [ahead])
        cursor.execute(GUARD_ON)
    LogCursor.objects.update(transaction=F("transaction") + ahead, cluster="7000000000000000000")


@pytest.mark.django_db
def test_proof_of_correct_figures_restates_nothing() -> None:
    rep = make_person()
    lead = make_lead(source=make_source())
    accept(offer(lead, MONDAY, user=rep), MONDAY + HOUR, rep)

    assert prove(at=LATER) == []

    assert not Restatement.objects.exists()
    assert updated_at() == LATER


@pytest.mark.django_db
def test_proof_corrects_and_records_a_wrong_figure() -> None:
    lead = make_lead(source=make_source())
    move(lead, Stage.MQL, MONDAY + HOUR)
    follow_log(at=LATER)
    right = everything_counted()
    set_count(LEAD_ROLLUP, "mql", 7)

    prove(at=LATER)

    restatement = Restatement.objects.get()
    assert (restatement.rollup, restatement.day, restatement.rows) == (
        "leads",
        date(2026, 3, 2),
        1,
    )
    assert (restatement.was, restatement.now) == ({"mql": 7}, {"mql": 1})
    assert everything_counted() == right


@pytest.mark.django_db
def test_proof_corrects_a_dimension_that_moved() -> None:
    make_lead(source=make_source("Paid search"))
    follow_log(at=LATER)
    # This test's own transaction is still open, so the cursor would read its events again.
    LogCursor.objects.update(transaction=2**62)
    LeadMilestones.objects.update(source=make_source("Webinar"))
    LEAD_ROLLUP.replace()

    prove(at=LATER)

    restatement = Restatement.objects.get()
    assert (restatement.was, restatement.now) == ({}, {})
    assert restatement.rows == 8
    assert LeadMilestones.objects.get().source == make_source("Paid search")


@pytest.mark.django_db
def test_proof_removes_milestones_without_events() -> None:
    lead = make_lead()
    follow_log(at=LATER)
    right = everything_counted()
    LeadMilestones.objects.create(
        lead_id=lead.pk + 1, day=MONDAY.date() + DAY, opened_at=MONDAY + DAY
    )
    LEAD_ROLLUP.replace()

    prove(at=LATER)

    assert everything_counted() == right
    assert Restatement.objects.get().was == {"leads": 1}


@pytest.mark.django_db(transaction=True)
def test_event_committed_late_is_counted() -> None:
    early, late = make_lead(), make_lead()
    follow_log(at=LATER)
    has_written, may_commit = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with transaction.atomic():
            move(late, Stage.MQL, MONDAY + HOUR)
            has_written.set()
            may_commit.wait(timeout=20)
        connection.close()

    writer = threading.Thread(target=write_slowly)
    writer.start()
    has_written.wait(timeout=20)
    move(early, Stage.MQL, MONDAY + HOUR)
    follow_log(at=LATER)

    reached = LeadMilestones.objects.exclude(mql_at=None)
    assert set(reached.values_list("lead", flat=True)) == {early.pk}
    cursor = LogCursor.objects.get()

    may_commit.set()
    writer.join(timeout=20)
    committed_late = LeadEvent.objects.get(lead=late, to_stage=Stage.MQL)
    assert (cursor.transaction, cursor.event) < (committed_late.transaction, committed_late.pk)
    follow_log(at=LATER)

    assert set(reached.values_list("lead", flat=True)) == {early.pk, late.pk}
    counts = counts_of(LEAD_ROLLUP)
    assert (counts["leads"], counts["mql"]) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_concurrent_refreshes_count_once() -> None:
    for _ in range(3):
        make_lead()

    at_once(*[lambda: follow_log(at=LATER)] * 2)

    assert counts_of(LEAD_ROLLUP)["leads"] == 3
    assert LogCursor.objects.count() == 1
