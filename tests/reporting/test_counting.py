"""Count in steps, count late commits, and compare with a full recount."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from pytest_django import Settings

from leads.event_log import GUARD_OFF, GUARD_ON, TABLE
from leads.events import (
    REVERSED,
    AnswerUndone,
    ImportUndone,
    OpenedEarlier,
    OwnerChanged,
    Repaired,
    StageChanged,
)
from leads.models import Lead, LeadEvent
from leads.stages import FUNNEL, Stage
from reporting.facts.log_span import Position
from reporting.models import (
    HandoffDay,
    HandoffMilestones,
    LeadDay,
    LeadMilestones,
    LogCursor,
    Restatement,
)
from reporting.rollups import differences, refresh
from reporting.rollups.build import LEAD_ROLLUP, Rollup
from reporting.rollups.prove import find_differences, prove
from reporting.rollups.refresh import PAIRS, follow_log, rebuild, updated_at
from tests.plans import plans_of, pretend_large
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
GROWING = (
    *("leads_lead", "leads_leadevent", "handoff_handoff"),
    *(table for milestones, rollup in PAIRS for table in (milestones.table, rollup.table)),
)


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
    event = rng.randrange(14)
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
    elif event == 8:
        end_clock = rng.choice([meet_sla, breach_sla])
        end_clock(rng.choice(handoffs), at, rng.choice(["answer", "first_contact"]))
    elif event == 9:
        log(rng.choice(leads), OwnerChanged(user=rng.choice(people).pk, team=None, why="test"), at)
    else:
        log_correction(rng, rng.choice(leads), at)


def log_correction(rng: random.Random, lead: Lead, at: datetime) -> None:
    """Log what changes the meaning of earlier events of the lead."""
    events = list(LeadEvent.objects.filter(lead=lead).order_by("pk").values_list("pk", flat=True))
    some = rng.sample(events[1:], k=rng.randrange(len(events)))
    origin: dict[str, Any] = {"campaign": rng.choice([None, make_campaign().pk]), "source": None}
    corrections = [
        ImportUndone(run=1, touches=[lead.first_touch_id], taken_back=some),
        ImportUndone(run=1, touches=[lead.first_touch_id], is_whole=rng.random() < 0.3),
        AnswerUndone(taken_back=some, handoff=0, answer="accepted", user=make_person().pk),
        OpenedEarlier(touch=lead.first_touch_id, lead_type=None, was=at.isoformat(), **origin),
        Repaired(touch=lead.first_touch_id, field="campaign", **origin),
    ]
    log(lead, rng.choice(corrections), at)


@pytest.fixture
def only_new_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count no event twice, although the test's own transaction is open."""
    cluster = refresh._log_end()[1]

    def end_of_log() -> tuple[Position, str]:
        return LeadEvent.objects.order_by("-pk").values_list("transaction", "pk")[0], cluster

    monkeypatch.setattr(refresh, "_log_end", end_of_log)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("only_new_events")
@pytest.mark.parametrize("seed", range(8))
def test_incremental_refresh_equals_rebuild(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    leads: list[Any] = []
    handoffs: list[Any] = []
    log_random_event(rng, leads, handoffs)
    follow_log(at=LATER)
    with monkeypatch.context() as by_differences_alone:
        by_differences_alone.setattr(Rollup, "replace", None)
        # Sometimes the months of the events are over, so that changes are restated.
        for _ in range(60):
            log_random_event(rng, leads, handoffs)
            if rng.random() < 0.3:
                follow_log(at=rng.choice([MONDAY, LATER]))
        follow_log(at=LATER)
    in_steps = everything_counted()

    for table in (LeadMilestones, HandoffMilestones, LeadDay, HandoffDay):
        table._default_manager.all().delete()
    rebuild(at=LATER)

    assert everything_counted() == in_steps
    assert in_steps["LeadDay"]
    assert in_steps["HandoffDay"]


@pytest.mark.django_db
@pytest.mark.usefixtures("only_new_events")
@pytest.mark.parametrize("limit", ["MAX_LEADS", "MAX_ROWS_OF_A_DAY"])
def test_many_leads_are_counted_by_whole_days(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    leads = [make_lead(source=make_source(), opened=MONDAY + day * DAY) for day in (0, 0, 1)]
    follow_log(at=LATER)
    monkeypatch.setattr(differences, limit, 1)
    for lead in leads:
        move(lead, Stage.MQL, MONDAY + 2 * DAY)

    follow_log(at=LATER)

    assert [counts_of(LEAD_ROLLUP, MONDAY.date() + day * DAY)["mql"] for day in (0, 1)] == [2, 1]
    assert not list(find_differences(at=LATER))


@pytest.mark.django_db
@pytest.mark.usefixtures("only_new_events")
@pytest.mark.parametrize(("moment", "statements"), [(LATER, 17), (MONDAY, 23)])
def test_refresh_reads_no_growing_table_whole(moment: datetime, statements: int) -> None:
    """A late event costs a restatement more, and no more counting."""
    lead = make_lead()
    attempt(offer(lead, MONDAY), MONDAY + HOUR)
    follow_log(at=LATER)
    move(lead, Stage.MQL, moment)
    pretend_large(*GROWING)

    plans = plans_of(lambda: follow_log(at=LATER))

    assert len(plans) == statements
    assert not [plan for plan in plans for table in GROWING if f"Seq Scan on {table} " in plan]


def lose_rows() -> None:
    LeadDay.objects.all().delete()


def double_rows() -> None:
    for row in LeadDay.objects.all():
        row.pk = None
        row.save()


def set_leads_to_zero() -> None:
    set_count(LEAD_ROLLUP, "leads", 0)


def forget_waits() -> None:
    LeadDay.objects.update(waits=b"", wait_steps=b"")


@pytest.mark.django_db
@pytest.mark.usefixtures("only_new_events")
@pytest.mark.parametrize("damage", [lose_rows, double_rows, set_leads_to_zero, forget_waits])
def test_difference_that_does_not_fit_counts_the_day_again(damage: Callable[[], None]) -> None:
    lead, rep = make_lead(), make_person()
    handoff = offer(lead, MONDAY, user=rep)
    attempt(handoff, MONDAY + 2 * HOUR)
    follow_log(at=LATER)
    damage()

    log(lead, OpenedEarlier(**opening(lead), was=MONDAY.isoformat()), MONDAY - HOUR)
    attempt(handoff, MONDAY + HOUR)
    follow_log(at=LATER)

    assert LeadMilestones.objects.get().wait == 3600
    assert not list(find_differences(at=LATER))


def opening(lead: Lead) -> dict[str, Any]:
    return {"touch": lead.first_touch_id, "source": None, "campaign": None, "lead_type": None}


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
