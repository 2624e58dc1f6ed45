"""Trends of the figures over a period."""

import pytest

from reporting.pages import PAGES
from reporting.pages.charts import sparkline
from reporting.queries.reports import REPORTS, run_report
from reporting.queries.scope import Scope, recent
from reporting.rollups.refresh import follow_log
from tests.reporting.history import DAY, make_lead
from tests.reporting.pages import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.mark.parametrize(("days", "trend"), [(20, [2] * 10), (30, [7] * 4), (28, [7] * 4)])
def test_same_number_of_leads_every_day_is_a_flat_trend(days: int, trend: list[int]) -> None:
    for number in range(40):
        make_lead(opened=NOON - number * DAY)
    follow_log(at=NOON)

    overview = PAGES["overview"](run_report(REPORTS["overview"], Scope(recent(days, NOON.date()))))

    leads = overview["tiles"][0]
    assert (leads.label, leads.value, leads.trend) == ("Leads", str(days), sparkline(trend))
