"""Long tables show their largest rows."""

import pytest

from core.macros import macro
from reporting.pages import PAGES
from reporting.queries.reports import REPORTS, run_report
from reporting.queries.scope import read_scope
from reporting.rollups.refresh import follow_log
from tests.reporting.history import HOUR, MONDAY, make_lead, make_person, make_source, offer
from tests.reporting.pages import NOON

pytestmark = pytest.mark.django_db

SAID = "Showing the 100 largest of 101 rows. The CSV has all of them."


@pytest.mark.parametrize("page", ["sources", "funnel", "speed"])
def test_cut_table_shows_how_many_rows_it_has(page: str) -> None:
    rep = make_person()
    for number in range(101):
        lead = make_lead(source=make_source(f"Source {number}"))
        offer(lead, MONDAY + HOUR, user=rep)
    follow_log(at=NOON)
    scope = read_scope({}, today=NOON.date())

    table = PAGES[page](run_report(REPORTS[page], scope, "source"))["table"]

    assert len(table.rows) == 100
    assert SAID in macro("reporting/figure_table.jinja", "figure_table")(table)
