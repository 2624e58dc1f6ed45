"""N-33: the largest change on the overview, against a recount from the log in plain Python."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from math import sqrt
from random import Random

import pytest
from django.test import Client

from leads.models import Lead, LeadEvent, Source
from leads.stages import Stage
from reporting.pages.change import NO_CHANGE, RULES
from reporting.queries.changes import Pair, deviations, largest_change, main_part
from reporting.queries.reports import Compared
from reporting.queries.scope import Key, Period
from reporting.registry.figures import Figure
from reporting.registry.metrics import METRICS
from reporting.rollups.refresh import follow_log
from tests.pages import Page
from tests.reporting.history import DAY, HOUR, make_campaign, make_lead, make_source, move
from tests.reporting.pages import NOON
from tests.reporting.test_pages import rows_behind
from tests.statements import exactly_statements

TODAY = NOON.date()
FIRST = TODAY - timedelta(29)
ADDRESS = f"/reports/?from={FIRST}&to={TODAY}"
CARD = ".card.largest-change"


def rate(numerator: int, denominator: int, code: str = "source_to_sql") -> Figure:
    return Figure(METRICS[code], numerator, denominator)


@pytest.mark.parametrize(
    ("now", "previous", "expected"),
    [
        (rate(30, 100), rate(50, 100), -0.2 / sqrt(0.4 * 0.6 * 0.02)),
        (rate(9, 29), rate(50, 100), 0),
        (rate(0, 40), rate(0, 40), 0),
        (rate(90, 90, "leads"), rate(54, 54, "leads"), 36 / 12),
        (rate(29, 29, "leads"), rate(1, 1, "leads"), 0),
        (rate(9, 90, "time_to_first_action"), rate(90, 90, "time_to_first_action"), 0),
    ],
)
def test_change_is_measured_by_its_counts(now: Figure, previous: Figure, expected: float) -> None:
    assert deviations(Pair(now, previous)) == pytest.approx(expected)


def test_part_without_which_the_change_is_smallest_is_named() -> None:
    whole = Pair(rate(30, 200), rate(80, 200))
    parts: dict[tuple[str, Key], Pair] = {
        ("source", 1): Pair(rate(0, 100), rate(45, 100)),
        ("source", 2): Pair(rate(30, 100), rate(35, 100)),
        ("team", 7): Pair(rate(0, 20), rate(20, 20)),
    }

    part = main_part(whole, parts)

    assert part is not None
    assert (part.dimension, part.key) == ("source", 1)
    assert [figure.value for figure in part.rest] == [30, 35]


@pytest.mark.parametrize(
    "of_part",
    [
        # All of the leads: nothing is left to compare it with.
        Pair(rate(30, 200), rate(80, 200)),
        # A quarter of the leads, with the change of all.
        Pair(rate(8, 50), rate(20, 50)),
    ],
)
def test_part_that_does_not_account_for_the_change_is_not_named(of_part: Pair) -> None:
    assert main_part(Pair(rate(30, 200), rate(80, 200)), {("source", 1): of_part}) is None


def compared(now: Figure, previous: Figure) -> Compared:
    days = Period(FIRST, TODAY)
    return Compared(now, previous, days, days.before)


def test_rate_beyond_chance_comes_before_the_number_of_leads() -> None:
    leads = compared(rate(900, 900, "leads"), rate(500, 500, "leads"))
    steady = compared(rate(50, 100), rate(52, 100))
    slipped = compared(rate(30, 100, "mql_to_sql"), rate(50, 100, "mql_to_sql"))
    fallen = compared(rate(20, 100, "sales_acceptance"), rate(50, 100, "sales_acceptance"))

    assert largest_change([leads, steady, slipped, fallen]) == fallen
    assert largest_change([leads, steady]) == leads
    assert largest_change([steady]) is None


def test_chance_alone_shows_a_change_in_few_periods() -> None:
    draw = Random(7)
    codes = ("mql_to_sql", "source_to_sql", "sales_acceptance", "contact_within_sla")

    def by_chance(code: str) -> Compared:
        now, previous = (sum(draw.random() < 0.4 for _ in range(200)) for _ in range(2))
        return compared(rate(now, 200, code), rate(previous, 200, code))

    periods = 2000
    shown = sum(
        largest_change([by_chance(code) for code in codes]) is not None for _ in range(periods)
    )

    assert shown / periods < 0.015


def test_more_figures_need_a_larger_change() -> None:
    slipped = compared(rate(30, 100), rate(49, 100))  # by 2.7 standard deviations
    steady = compared(rate(50, 100, "mql_to_sql"), rate(50, 100, "mql_to_sql"))

    assert largest_change([slipped]) == slipped
    assert largest_change([slipped, *[steady] * 5]) is None


def qualify(sources: dict[str, tuple[int, int]], *, days_ago: range) -> None:
    """Open leads a day for each source, as many of them qualified after a day as it says."""
    for number in days_ago:
        opened = NOON - number * DAY
        for name, (leads, qualified) in sources.items():
            for place in range(leads):
                lead = make_lead(opened=opened, source=make_source(name))
                if place < qualified:
                    move(lead, Stage.SQL, opened + DAY)


def leads_of(first: date, last: date, source: str = "") -> list[int]:
    opened = LeadEvent.objects.filter(kind="opened").values_list("lead", "occurred_at")
    leads = [lead for lead, at in opened if first <= at.date() <= last]
    names = dict(Lead.objects.values_list("pk", "source__name"))
    return [lead for lead in leads if not source or names[lead] == source]


def qualified_in_a_week(leads: list[int]) -> int:
    opened = dict(LeadEvent.objects.filter(kind="opened").values_list("lead", "occurred_at"))
    moves = LeadEvent.objects.filter(to_stage="sql").values_list("lead", "occurred_at")
    return sum(at - opened[lead] < 7 * DAY for lead, at in moves if lead in leads)


def text_of_rate(leads: list[int], form: Callable[[str, str], str]) -> str:
    part, whole = qualified_in_a_week(leads), len(leads)
    return form(f"{round(100 * part / whole)}%", f"{part} of {whole}")


@pytest.fixture
def fallen_webinar(django_db_setup: None, db: None) -> None:
    qualify({"Webinar": (2, 2), "Website": (2, 1)}, days_ago=range(30, 60))
    qualify({"Webinar": (2, 0), "Website": (2, 1)}, days_ago=range(2, 30))
    # Too young to be compared: all of them qualified at once.
    for _ in range(40):
        move(make_lead(opened=NOON - HOUR), Stage.SQL, NOON)
    follow_log(at=NOON)


@pytest.mark.usefixtures("noon", "fallen_webinar")
def test_every_figure_of_the_sentence_is_what_a_recount_gives(reader: Client) -> None:
    # Leads of the last seven days, and today, are too young.
    days, before = (FIRST, TODAY - 8 * DAY), (FIRST - 30 * DAY, TODAY - 38 * DAY)

    def with_counts(value: str, counts: str) -> str:
        return f"{value} ({counts})"

    page = Page(reader.get(ADDRESS))

    all_before, all_now, part_before, part_now = (
        text_of_rate(leads_of(*period, source), with_counts)
        for source in ("", "Webinar")
        for period in (before, days)
    )
    rest_before, rest_now = (
        text_of_rate(leads_of(*period, "Website"), lambda value, _: value)
        for period in (before, days)
    )
    assert all_now == "25% (22 of 88)"
    assert page.texts(f"{CARD} p") == [
        f"Source to SQL fell from {all_before} to {all_now}. The source Webinar contributed most: "
        f"from {part_before} to {part_now}. Without it, the change would be from {rest_before} to "
        f"{rest_now}.",
        "Feb 19 – Mar 12, 2026 compared with Jan 20 – Feb 10, 2026, in the first 7 days of each "
        "lead.",
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("noon")
def test_only_leads_of_the_filter_count(reader: Client) -> None:
    # The website falls in the north alone, while the webinar rises as much.
    for days_ago, north, webinar in ((range(30, 60), 2, 0), (range(2, 30), 0, 2)):
        for number in days_ago:
            opened = NOON - number * DAY
            leads = [
                *(("Website", "North", place < north) for place in range(2)),
                *(("Website", "South", place < 1) for place in range(2)),
                *(("Webinar", "South", place < webinar) for place in range(2)),
            ]
            for source, campaign, qualifies in leads:
                lead = make_lead(
                    opened=opened, source=make_source(source), campaign=make_campaign(campaign)
                )
                if qualifies:
                    move(lead, Stage.SQL, opened + DAY)
    follow_log(at=NOON)

    in_all = Page(reader.get(ADDRESS)).texts(f"{CARD} p")
    website = Source.objects.get(name="Website").pk
    of_website = Page(reader.get(f"{ADDRESS}&source={website}")).texts(f"{CARD} p")

    assert in_all == [NO_CHANGE]
    # 22 days of two leads in the north and two in the south, of which one qualified.
    assert of_website[0] == (
        "Source to SQL fell from 75% (66 of 88) to 25% (22 of 88). The campaign North contributed "
        "most: from 100% (44 of 44) to 0% (0 of 44). Without it, the change would be from 50% to "
        "50%."
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("noon")
def test_leads_without_a_campaign_are_named_as_such(reader: Client) -> None:
    source, spring = make_source("Website"), make_campaign("Spring")
    for days_ago, qualified in ((range(30, 60), 2), (range(2, 30), 0)):
        for number in days_ago:
            opened = NOON - number * DAY
            for place in range(2):
                lead = make_lead(opened=opened, source=source)
                if place < qualified:
                    move(lead, Stage.SQL, opened + DAY)
                make_lead(opened=opened, source=source, campaign=spring)
    follow_log(at=NOON)

    page = Page(reader.get(ADDRESS))

    assert "Leads without a campaign contributed most: from 100%" in page.texts(f"{CARD} p")[0]
    of_part, list_of_part = page.links(f"{CARD} a")[1:]
    assert reader.get(of_part).status_code == 200
    assert rows_behind(reader, f"{list_of_part}&part=denominator") == 44


@pytest.mark.usefixtures("noon", "fallen_webinar")
def test_links_of_the_sentence_open_its_figures(reader: Client) -> None:
    webinar = Source.objects.get(name="Webinar").pk

    of_all, of_part, list_of_part = Page(reader.get(ADDRESS)).links(f"{CARD} a")

    assert [rows_behind(reader, of_all), rows_behind(reader, f"{of_all}&part=denominator")] == [
        22,
        88,
    ]
    assert rows_behind(reader, list_of_part) == 0
    assert rows_behind(reader, f"{list_of_part}&part=denominator") == 44
    assert of_part == f"/reports/?from={FIRST}&to={TODAY}&source={webinar}"
    assert reader.get(of_part).status_code == 200
    list_page = Page(reader.get(of_all))
    assert all("within=7" in href for href in list_page.links(".page-head a[href*=metric]"))


@pytest.mark.usefixtures("noon", "fallen_webinar")
def test_sentence_costs_one_statement(reader: Client) -> None:
    reader.get(ADDRESS)

    with exactly_statements(5):
        assert reader.get(ADDRESS).status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("noon")
def test_change_within_chance_is_not_named(reader: Client) -> None:
    qualify({"Webinar": (2, 1)}, days_ago=range(2, 60))
    follow_log(at=NOON)

    page = Page(reader.get(ADDRESS))

    assert page.texts(f"{CARD} p") == [NO_CHANGE]
    assert page.texts(f"{CARD} li") == list(RULES)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("metric=leads&within=7", "Leads is not counted within “7” days of a lead."),
        ("metric=source_to_sql&within=8", "Source to SQL is not counted within “8” days"),
    ],
)
def test_list_of_other_first_days_is_refused(reader: Client, query: str, words: str) -> None:
    response = reader.get(f"/reports/leads/?{query}")

    assert response.status_code == 400
    assert words in response.content.decode()
