"""The nightly proof: slices of leads and days, each a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from leads.stages import Stage
from reporting import tasks
from reporting.facts import lead_sets
from reporting.facts.lead_sets import LeadRange, leads_after, ranges_of_leads
from reporting.models import HandoffMilestones, LeadMilestones, LogCursor, Proof, Restatement
from reporting.rollups import prove
from reporting.rollups.build import HANDOFF_ROLLUP, LEAD_ROLLUP, Rollup
from reporting.rollups.prove import DayRange, find_differences, prove_slice, ranges_of_days
from reporting.rollups.refresh import PAIRS, follow_log
from tests.plans import plans_of, pretend_large
from tests.reporting.history import DAY, HOUR, MONDAY, accept, make_lead, make_person, move, offer
from tests.reporting.rollups import counts_of, set_count
from tests.reporting.test_counting import GROWING, everything_counted

pytestmark = pytest.mark.django_db

LATER = MONDAY + 60 * DAY
DAYS = 5


@pytest.fixture(autouse=True)
def slices_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lead_sets, "MAX_LEADS", 1)
    monkeypatch.setattr(prove, "MAX_MILESTONES", 1)


@pytest.fixture
def nothing_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not read the log of the test's own transaction again, which would repair what is wrong."""
    monkeypatch.setattr(prove, "count_new_events", lambda at: 0)


@pytest.fixture
def week() -> None:
    """Count five days with two leads, each accepted."""
    rep = make_person()
    for number in range(DAYS):
        for _ in range(2):
            lead = make_lead(opened=MONDAY + number * DAY)
            accept(offer(lead, MONDAY + number * DAY, user=rep), MONDAY + 6 * DAY, rep)
    follow_log(at=LATER)


def slices() -> Iterator[list[Restatement]]:
    prove.begin(at=LATER)
    while prove.is_unfinished():
        yield prove_slice(at=LATER)


@pytest.mark.usefixtures("week")
def test_slices_have_every_lead_and_day_once() -> None:
    leads, days = list(ranges_of_leads()), list(ranges_of_days())

    assert (leads[0].after, leads[-1].up_to) == (0, lead_sets.END)
    assert [part.after for part in leads[1:]] == [part.up_to for part in leads[:-1]]
    assert len(leads) == 2 * DAYS + 1
    assert (days[0].after, days[-1].up_to) == (date.min, date.max)
    assert [part.after for part in days[1:]] == [part.up_to for part in days[:-1]]
    assert len(days) == DAYS + 1


@pytest.mark.usefixtures("nothing_new", "week")
@pytest.mark.parametrize("rollup", [LEAD_ROLLUP, HANDOFF_ROLLUP])
@pytest.mark.parametrize("number", range(DAYS))
def test_wrong_figure_of_any_day_is_restated(rollup: Rollup, number: int) -> None:
    right = everything_counted()
    day = (MONDAY + number * DAY).date()
    set_count(rollup, rollup.counters[0], 7, day)

    restatements = [restatement for part in slices() for restatement in part]

    assert [(row.rollup, row.day, row.was, row.now) for row in restatements] == [
        (rollup.basis, day, {rollup.counters[0]: 7}, {rollup.counters[0]: 2})
    ]
    assert everything_counted() == right


@pytest.mark.usefixtures("nothing_new", "week")
@pytest.mark.parametrize("number", range(2 * DAYS))
def test_wrong_milestones_of_any_lead_are_restated(number: int) -> None:
    right = everything_counted()
    wrong = LeadMilestones.objects.order_by("pk")[number]
    LeadMilestones.objects.filter(pk=wrong.pk).update(sal_at=None)
    LEAD_ROLLUP.replace([wrong.day])
    assert everything_counted() != right

    (restatement,) = prove.prove(at=LATER)

    assert (restatement.day, restatement.was, restatement.now) == (
        wrong.day,
        {"sal": 1},
        {"sal": 2},
    )
    assert everything_counted() == right


def lose(model: Any) -> None:
    row = model.objects.order_by("pk")[3]
    model.objects.filter(pk=row.pk).delete()


def invent(model: Any) -> None:
    row = model.objects.order_by("pk").last()
    assert row is not None
    row.pk += 100
    if isinstance(row, HandoffMilestones):
        row.lead_id += 100
    row.save(force_insert=True)


def give_to_another_lead(model: Any) -> None:
    first, last = model.objects.order_by("pk").first(), model.objects.order_by("pk").last()
    model.objects.filter(pk=first.pk).update(lead=last.lead_id)


@pytest.mark.usefixtures("nothing_new", "week")
@pytest.mark.parametrize(
    ("damage", "model"),
    [
        (lose, LeadMilestones),
        (lose, HandoffMilestones),
        (invent, LeadMilestones),
        (invent, HandoffMilestones),
        (give_to_another_lead, HandoffMilestones),
    ],
)
def test_damaged_milestones_are_repaired(damage: Callable[[Any], None], model: Any) -> None:
    right = everything_counted()
    damage(model)
    assert list(find_differences(at=LATER))

    prove.prove(at=LATER)

    assert everything_counted() == right
    assert not list(find_differences(at=LATER))


@pytest.mark.usefixtures("nothing_new", "week")
def test_stopped_proof_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    day = (MONDAY + 2 * DAY).date()
    set_count(LEAD_ROLLUP, "mql", 7, day)
    stopped = slices()
    for _ in range(2 * DAYS + 3):
        next(stopped)
    before = Proof.objects.get()
    assert (before.lead, before.day) == (lead_sets.END, MONDAY.date() + DAY)
    monkeypatch.setattr(prove, "_prove_leads", None)

    with time_machine.travel(LATER + DAY, tick=False):
        tasks.prove_rollups()

    assert Proof.objects.get().finished_at == LATER + DAY
    assert Restatement.objects.get().day == day
    assert counts_of(LEAD_ROLLUP, day)["mql"] == 2


@pytest.mark.usefixtures("week")
def test_slice_that_fails_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    proof = slices()
    next(proof)
    before = Proof.objects.get().lead

    with monkeypatch.context() as broken:
        broken.setattr(prove, "_prove_leads", None)
        with pytest.raises(TypeError):
            next(proof)

    assert Proof.objects.get().lead == before
    prove_slice(at=LATER)
    assert Proof.objects.get().lead == leads_after(before).up_to


@pytest.mark.usefixtures("week")
def test_run_ends_after_some_minutes_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with time_machine.travel(LATER, tick=False) as clock:

        def prove_slowly(*, at: datetime) -> list[Restatement]:
            clock.shift(timedelta(seconds=100))
            return prove_slice(at=at)

        monkeypatch.setattr(prove, "prove_slice", prove_slowly)
        runs = 0
        tasks.prove_rollups()
        assert Proof.objects.get().lead == leads_after(leads_after(0).up_to).up_to
        while prove.is_unfinished():
            tasks.prove_rollups()
            runs += 1

    assert runs == DAYS + (DAYS + 1) // 2


@pytest.mark.usefixtures("week")
def test_one_proof_a_night() -> None:
    with time_machine.travel(LATER, tick=False) as clock:
        tasks.prove_rollups()
        assert Proof.objects.get().finished_at == LATER

        clock.shift(2 * HOUR)
        tasks.prove_rollups()
        assert Proof.objects.get().started_at == LATER

        clock.shift(22 * HOUR)
        tasks.prove_rollups()
        assert Proof.objects.get().started_at == LATER + DAY


@pytest.mark.usefixtures("week")
def test_log_is_counted_between_and_in_slices() -> None:
    leads = [row.lead for row in LeadMilestones.objects.order_by("pk").select_related("lead")]
    moved = iter(leads)
    for at, restatements in enumerate(slices()):
        assert restatements == []
        lead = next(moved, None)
        if lead is not None:
            move(lead, Stage.WON, LATER)
        if at % 2:
            follow_log(at=LATER)
    follow_log(at=LATER)

    assert sum(counts_of(LEAD_ROLLUP, MONDAY.date() + n * DAY)["won"] for n in range(DAYS)) == 10
    assert not list(find_differences(at=LATER))


@pytest.mark.usefixtures("week")
def test_slices_say_when_the_figures_were_counted() -> None:
    prove.begin(at=LATER)

    prove_slice(at=LATER + HOUR)

    assert LogCursor.objects.get().counted_at == LATER + HOUR


@pytest.mark.usefixtures("nothing_new", "week")
def test_differences_are_found_and_not_repaired() -> None:
    wrong = LeadMilestones.objects.order_by("pk")[0]
    LeadMilestones.objects.filter(pk=wrong.pk).update(sal_at=None)
    set_count(LEAD_ROLLUP, "mql", 7, MONDAY.date() + 2 * DAY)
    before = everything_counted()

    differences = {(row.subject, row.day) for row in find_differences(at=LATER)}

    assert differences == {
        ("milestones of leads", MONDAY.date()),
        ("figures of leads", MONDAY.date()),
        ("figures of leads", MONDAY.date() + 2 * DAY),
    }
    assert everything_counted() == before


@pytest.mark.usefixtures("week")
def test_slices_read_no_growing_table_whole() -> None:
    pretend_large(*GROWING)

    def run() -> None:
        leads_after(10)
        prove.days_after(MONDAY.date())
        for milestones, rollup in PAIRS:
            milestones.recount_leads("UTC", LeadRange(10, 20))
            prove._differing_rows(rollup, DayRange(MONDAY.date(), MONDAY.date() + DAY))
            rollup.replace([MONDAY.date()])

    plans = plans_of(run)

    assert len(plans) == 10
    assert not [plan for plan in plans for table in GROWING if f"Seq Scan on {table} " in plan]
