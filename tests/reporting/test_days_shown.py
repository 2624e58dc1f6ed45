"""Report pages show their period and where its days begin."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from reporting.pages import PAGES as DRAWN
from reporting.queries.reports import REPORTS, run_report
from reporting.queries.scope import Period, Scope
from reporting.rollups.refresh import follow_log
from tests.pages import Page
from tests.reporting.history import MONDAY, make_lead
from tests.reporting.pages import DAYS, NOON, PAGES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.mark.parametrize("report", PAGES)
@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("", "Dec 21, 2025 – Mar 20, 2026"),
        ("from=2026-02-01&to=2026-03-20", "Feb 1 – Mar 20, 2026"),
        ("from=2026-03-02&to=2026-03-02", "Mar 2, 2026"),
    ],
)
def test_report_shows_its_period(reader: Client, report: str, query: str, days: str) -> None:
    page = Page(reader.get(f"{reverse(f'reporting:{report}')}?{query}"))

    assert page.text(".page-head-actions summary") == f"Change dates: {days}"


@pytest.mark.parametrize(
    ("first", "label"), [(date(2026, 1, 5), "Jan 5"), (date(2025, 12, 29), "Dec 29, 2025")]
)
def test_axis_shows_years_when_the_period_spans_two(first: date, label: str) -> None:
    scope = Scope(Period(first, date(2026, 3, 20)))

    chart = DRAWN["overview"](run_report(REPORTS["overview"], scope))["chart"]

    assert chart.x_ticks[0].label == chart.table_rows[0][0] == label


@pytest.mark.parametrize("report", [*PAGES, "leads"])
def test_page_names_the_time_zone_of_its_days(
    reader: Client, settings: Settings, report: str
) -> None:
    settings.REPORTING_TIME_ZONE = "Europe/Berlin"
    make_lead(opened=MONDAY)
    follow_log(at=NOON)

    page = Page(reader.get(f"{reverse(f'reporting:{report}')}?{DAYS}"))

    assert page.texts(".page-foot span")[1].endswith("Days start at midnight (Europe/Berlin).")
