"""Reports sorted by a metric: the worst first in one click, rows without a value last."""

from __future__ import annotations

import pytest
from django.test import Client

from people.roles import Role
from reporting.pages.sorting import sorted_groups
from reporting.queries.scope import BadScope
from reporting.registry.metrics import METRICS
from reporting.rollups.refresh import follow_log
from tests.factories import make_person as make_user_with
from tests.pages import page_at, signed_in_as
from tests.reporting.history import HOUR, MONDAY, make_lead, make_person, make_source, offer
from tests.reporting.pages import NOON

pytestmark = pytest.mark.django_db

ACCEPTANCE = METRICS["sales_acceptance"]
DAYS = "from=2026-03-01&to=2026-03-31"


def counts(numerator: int, denominator: int) -> dict[str, int]:
    assert ACCEPTANCE.denominator is not None
    return {ACCEPTANCE.numerator.code: numerator, ACCEPTANCE.denominator.code: denominator}


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("", "abcd"), ("sales_acceptance", "bacd"), ("-sales_acceptance", "cabd")],
)
def test_rows_without_a_value_come_last(sort: str, expected: str) -> None:
    groups = [("a", counts(1, 2)), ("b", counts(0, 3)), ("c", counts(2, 2)), ("d", counts(0, 0))]

    rows = sorted_groups(groups, [ACCEPTANCE], sort)

    assert "".join(str(key) for key, _ in rows) == expected


def test_unknown_order_is_refused() -> None:
    with pytest.raises(BadScope, match="not sorted by “luck”"):
        sorted_groups([], [ACCEPTANCE], "luck")


def test_one_click_on_a_head_of_the_sources_report_sorts_it() -> None:
    lead = make_lead(source=make_source("Fair"))
    offer(lead, MONDAY + HOUR, user=make_person())
    follow_log(at=NOON)
    reader = make_user_with(Role.LEADER)

    page = page_at(f"/reports/sources/?{DAYS}", reader)
    heads = dict(zip(page.texts("thead th")[1:], page.links("thead a"), strict=True))
    sorted_page = page_at(heads["Leads"], reader)

    assert "sort=-leads" in heads["Leads"]
    assert sorted_page.values("th[aria-sort]", "aria-sort") == ["descending"]
    refused = signed_in_as(reader).get(f"/reports/sources/?{DAYS}&sort=luck")
    assert refused.status_code == 400


@pytest.mark.parametrize("path", ["", "rejections/"])
def test_report_without_a_sorted_table_refuses_an_order(path: str) -> None:
    reader = signed_in_as(make_user_with(Role.LEADER))

    assert reader.get(f"/reports/{path}?{DAYS}&sort=-leads").status_code == 400


def test_file_has_no_order(reader: Client) -> None:
    assert reader.get(f"/reports/sources/?{DAYS}&format=csv&sort=-leads").status_code == 400
