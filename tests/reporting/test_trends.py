"""Trends of the figures over a period, and like compared with like."""

from datetime import date, timedelta

import pytest
from django.test import Client

from leads.models import LeadEvent
from leads.stages import Stage
from reporting.pages import PAGES
from reporting.pages.charts import sparkline
from reporting.pages.components import Tile
from reporting.queries.reports import REPORTS, run_report
from reporting.queries.scope import Period, Scope, recent
from reporting.rollups.refresh import follow_log
from tests.pages import Page
from tests.reporting.history import DAY, accept, make_lead, make_person, move, offer, reject
from tests.reporting.pages import DAYS, NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.mark.parametrize(("days", "trend"), [(20, [2] * 10), (30, [7] * 4), (28, [7] * 4)])
def test_same_number_of_leads_every_day_is_a_flat_trend(days: int, trend: list[int]) -> None:
    for number in range(40):
        make_lead(opened=NOON - number * DAY)
    follow_log(at=NOON)

    overview = PAGES["overview"](run_report(REPORTS["overview"], Scope(recent(days, NOON.date()))))

    leads = overview["tiles"][0]
    assert (leads.label, leads.value, leads.trend) == ("Leads", str(days), sparkline(trend))


TODAY = NOON.date()


def overview_of(period: Period) -> dict[str, object]:
    scope = Scope(period, asked_on=TODAY)
    return PAGES["overview"](run_report(REPORTS["overview"], scope))


def tile_of(period: Period, label: str) -> Tile:
    tiles: list[Tile] = overview_of(period)["tiles"]  # type: ignore[assignment]
    return next(tile for tile in tiles if tile.label == label)


def make_steady_leads(days: int, *, qualified_after: timedelta) -> None:
    """Open two leads a day; sales qualifies one of them, always after the same time."""
    for number in range(days):
        opened = NOON - number * DAY
        make_lead(opened=opened)
        lead = make_lead(opened=opened)
        if opened + qualified_after <= NOON:
            move(lead, Stage.SQL, opened + qualified_after)
    follow_log(at=NOON)


@pytest.mark.parametrize(
    ("days", "age", "qualified_after"), [(30, 7, 5 * DAY), (90, 30, 25 * DAY), (20, 7, DAY)]
)
def test_steady_rate_has_not_changed_although_recent_leads_are_younger(
    days: int, age: int, qualified_after: timedelta
) -> None:
    make_steady_leads(2 * days, qualified_after=qualified_after)

    tile = tile_of(recent(days, TODAY), "Source to SQL")

    assert tile.note.startswith(f"{days - qualified_after.days} of ")
    assert tile.delta is not None
    assert (tile.delta.text, tile.delta.tone) == ("±0", "")
    assert tile.delta.than == (
        f"the previous period, in the first {age} days of each lead: 50% after 50%"
    )


def test_both_figures_of_a_change_are_what_a_recount_gives() -> None:
    make_steady_leads(60, qualified_after=3 * DAY)
    for number in range(40, 50):
        move(make_lead(opened=NOON - number * DAY), Stage.SQL, NOON - (number - 8) * DAY)
    follow_log(at=NOON)
    opened = dict(LeadEvent.objects.filter(kind="opened").values_list("lead", "occurred_at"))
    qualified = dict(LeadEvent.objects.filter(to_stage="sql").values_list("lead", "occurred_at"))

    def share(first: date, last: date) -> tuple[int, int]:
        leads = [lead for lead, at in opened.items() if first <= at.date() <= last]
        in_time = (lead for lead in leads if lead in qualified)
        within = [lead for lead in in_time if qualified[lead] - opened[lead] < 7 * DAY]
        return len(within), len(leads)

    scope = Scope(recent(30, TODAY), asked_on=TODAY)
    row = next(
        row
        for row in run_report(REPORTS["overview"], scope).rows
        if row["metric"] == "source_to_sql"
    )

    # The last eight days are too young, so the first 22 days of each period are compared.
    now = share(TODAY - 29 * DAY, TODAY - 8 * DAY)
    previous = share(TODAY - 59 * DAY, TODAY - 38 * DAY)
    assert (now, previous) == ((22, 44), (22, 54))
    assert (row["compared_numerator"], row["compared_denominator"]) == now
    assert (row["previous_numerator"], row["previous_denominator"]) == previous
    assert row["within_days"] == 7


def test_unfinished_period_is_compared_with_the_same_part_before() -> None:
    make_steady_leads(80, qualified_after=DAY)

    tile = tile_of(Period(date(2026, 3, 1), date(2026, 3, 31)), "Leads")

    assert tile.value == "40"
    assert tile.delta is not None
    assert tile.delta.text == "±0"


def test_period_too_young_to_compare_has_no_change() -> None:
    make_steady_leads(20, qualified_after=DAY)

    assert tile_of(recent(5, TODAY), "Source to SQL").delta is None
    assert tile_of(Period(date(2026, 3, 25), date(2026, 3, 31)), "Leads").delta is None


def test_worse_acceptance_of_leads_of_the_same_age_is_red() -> None:
    rep = make_person()
    for number in range(20):
        lead = make_lead(opened=NOON - number * DAY)
        answer = reject if number in {8, 9} else accept
        more = ("not_icp",) if number in {8, 9} else ()
        answer(offer(lead, NOON - number * DAY, user=rep), NOON - number * DAY, rep, *more)
    follow_log(at=NOON)

    tile = tile_of(recent(10, TODAY), "Sales acceptance")

    assert tile.delta is not None
    assert (tile.delta.text, tile.delta.tone) == ("−100\N{NO-BREAK SPACE}pts", "bad")


def test_young_stretches_are_dashed_and_named(reader: Client) -> None:
    make_steady_leads(60, qualified_after=DAY)

    page = Page(reader.get(f"/reports/?{DAYS}"))

    words = "Leads younger than 7 days: the rates may still rise"
    # Ten steps of two days; leads up to Mar 12 are old enough.
    lines = ".line-chart-plot .series-1 .line, .line-chart-plot .series-1 .young"
    solid, young = page.values(lines, "d")
    assert solid.count("L") == 5
    assert young.count("L") == 4
    assert words in page.texts(".legend li")
    assert page.texts(".line-chart + .legend + .as-table tbody th")[-1] == f"Mar 19 ({words})"
    # The other figures do not mature, but today, the last point of their trend, is not over.
    trends = page.values(".tile .sparkline", "aria-label")
    assert set(trends) == {words, "The last point is not over yet"}
    assert not page.has(".tile .tone-bad")


def test_period_that_is_over_has_no_dashed_point(reader: Client) -> None:
    make_steady_leads(60, qualified_after=DAY)

    page = Page(reader.get("/reports/?from=2026-02-01&to=2026-03-12"))

    assert page.values(".tile .sparkline", "aria-label") == []
    assert not page.has(".line-chart-plot .young")


def test_today_is_in_no_comparison() -> None:
    for number in range(1, 8):
        make_lead(opened=NOON - number * DAY)
    for _ in range(5):
        make_lead(opened=NOON)
    follow_log(at=NOON)

    tile = tile_of(Period(TODAY - 3 * DAY, TODAY), "Leads")

    assert tile.value == "8"
    assert tile.delta is not None
    assert (tile.delta.text, tile.delta.tone) == ("±0", "")
    assert tile.delta.than == (
        "the previous period, until Mar 19, 2026, the last day that is over: 3 after 3"
    )


def test_last_point_holds_all_days_of_its_step() -> None:
    for number in range(26):
        make_lead(opened=NOON - number * DAY)
    follow_log(at=NOON)

    tile = tile_of(Period(TODAY - 25 * DAY, TODAY), "Leads")

    assert tile.trend == sparkline([2] * 13, 12, "The last point is not over yet")


def test_days_to_come_are_not_drawn(reader: Client) -> None:
    make_steady_leads(60, qualified_after=DAY)

    page = Page(reader.get("/reports/?from=2026-03-11&to=2026-03-31"))

    assert page.texts(".as-table tbody th")[-1].startswith("Mar 20")
    assert "The last point is not over yet" in page.values(".tile .sparkline", "aria-label")


def test_day_that_has_just_begun_is_compared_with_nothing() -> None:
    make_steady_leads(3, qualified_after=DAY)

    assert tile_of(Period(TODAY, TODAY), "Leads").delta is None
    assert tile_of(Period(TODAY - DAY, TODAY - DAY), "Leads").delta is not None
