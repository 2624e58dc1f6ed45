"""Long tables show their largest rows."""

import pytest
from django.http import HttpResponse

from core.macros import macro
from reporting.pages import PAGES
from reporting.queries.reports import REPORTS, run_report
from reporting.queries.scope import read_scope
from reporting.rollups.refresh import follow_log
from tests.pages import Page
from tests.reporting.history import HOUR, MONDAY, make_lead, make_person, make_source, offer
from tests.reporting.pages import NOON

pytestmark = pytest.mark.django_db


@pytest.mark.slow
@pytest.mark.parametrize("report", ["sources", "funnel", "speed"])
def test_cut_table_shows_how_many_rows_it_has(report: str) -> None:
    rep = make_person()
    for number in range(101):
        lead = make_lead(source=make_source(f"Source {number}"))
        offer(lead, MONDAY + HOUR, user=rep)
    follow_log(at=NOON)
    scope = read_scope({}, today=NOON.date())

    table = PAGES[report](run_report(REPORTS[report], scope, "source"))["table"]

    assert len(table.rows) == 100
    page = Page(HttpResponse(macro("reporting/figure_table.jinja", "figure_table")(table)))
    assert page.text("p") == "Showing 100 of 101 rows. The CSV has all of them."
