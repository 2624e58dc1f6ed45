"""A report with nothing to count says what to do instead."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from reporting.rollups.refresh import follow_log
from tests.reporting.history import DAY, MONDAY, make_lead, make_person, make_team, offer
from tests.reporting.pages import DAYS, NOON, PAGES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

NOTHING = "No (leads|handoffs) in this period"


def shown_instead(reader: Client, page: str, query: str) -> tuple[str, str]:
    """What an empty page says to do, and the address its button leads to, without its rows."""
    html = reader.get(f"{reverse(f'reporting:{page}')}?{query}").content.decode()
    found = re.search(
        rf"<strong>{NOTHING}</strong>\s*<p>(.*?)</p>\s*(?:<p.*?href=\"(.*?)\">)?", html
    )
    assert found, "it shows no empty state"
    assert '<svg class="line-chart' not in html
    return unescape(found[2]), re.sub("by=[a-z_]+&", "", unescape(found[3] or ""))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("query", "last", "days"),
    [
        ("from=2026-03-20&to=2026-03-20", "30 days", "from=2026-02-19&to=2026-03-20"),
        ("from=2026-02-19&to=2026-03-20", "90 days", "from=2025-12-21&to=2026-03-20"),
        ("", "12 months", "from=2025-03-21&to=2026-03-20"),
        ("from=2020-01-01&to=2020-12-31", "12 months", "from=2025-03-21&to=2026-03-20"),
    ],
)
def test_an_empty_page_offers_the_next_longer_period(
    reader: Client, page: str, query: str, last: str, days: str
) -> None:
    make_lead(opened=MONDAY - 800 * DAY)
    follow_log(at=NOON)

    assert shown_instead(reader, page, query) == (
        f"Choose other dates, or the last {last}.",
        f"{reverse(f'reporting:{page}')}?{days}",
    )


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_page_with_filters_offers_to_clear_them(reader: Client, page: str) -> None:
    make_lead(opened=MONDAY)
    follow_log(at=NOON)

    assert shown_instead(reader, page, f"{DAYS}&source=999999") == (
        "Choose other dates or clear the filters.",
        f"{reverse(f'reporting:{page}')}?{DAYS}",
    )


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_page_of_a_year_says_where_figures_come_from(reader: Client, page: str) -> None:
    assert shown_instead(reader, page, "from=2025-03-21&to=2026-03-20") == (
        "Figures appear here when leads arrive through the API or an import.",
        "",
    )


def test_an_empty_page_keeps_its_rows_when_it_is_asked_again(reader: Client) -> None:
    html = reader.get(f"{reverse('reporting:sources')}?by=team").content.decode()

    assert (
        f"{reverse('reporting:sources')}?by=team&amp;from=2025-03-21&amp;to=2026-03-20"
        in (html.split("No leads in this period")[1])
    )


def test_handoffs_that_nobody_rejected_are_no_empty_page(reader: Client) -> None:
    offer(make_lead(opened=MONDAY), MONDAY, user=make_person(), team=make_team())
    follow_log(at=NOON)

    page = reader.get(f"{reverse('reporting:rejections')}?{DAYS}").content.decode()

    assert "None of the handoffs offered in this period were rejected." in page
