"""An empty report suggests what to do next."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from reporting.rollups.refresh import follow_log
from tests.reporting.history import (
    DAY,
    MONDAY,
    make_lead,
    make_person,
    make_source,
    make_team,
    offer,
)
from tests.reporting.pages import DAYS, NOON, PAGES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

NOTHING = "No (leads|handoffs) in this period"


def empty_state_of(reader: Client, page: str, query: str) -> tuple[str, str]:
    """Return the text of an empty page and the address of its button, without its group."""
    html = reader.get(f"{reverse(f'reporting:{page}')}?{query}").content.decode()
    match = re.search(
        rf"<strong>{NOTHING}</strong>\s*<p>(.*?)</p>\s*(?:<p.*?href=\"(.*?)\">)?", html
    )
    assert match, "it shows no empty state"
    assert '<svg class="line-chart' not in html
    return unescape(match[2]), re.sub("by=[a-z_]+&", "", unescape(match[3] or ""))


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
def test_empty_page_suggests_a_longer_period(
    reader: Client, page: str, query: str, last: str, days: str
) -> None:
    make_lead(opened=MONDAY - 800 * DAY)
    follow_log(at=NOON)

    assert empty_state_of(reader, page, query) == (
        f"Choose other dates, or the last {last}.",
        f"{reverse(f'reporting:{page}')}?{days}",
    )


@pytest.mark.parametrize("page", PAGES)
def test_empty_page_with_filters_suggests_to_clear_them(reader: Client, page: str) -> None:
    make_lead(opened=MONDAY)
    follow_log(at=NOON)
    unused = make_source("Webinar")

    assert empty_state_of(reader, page, f"{DAYS}&source={unused.pk}") == (
        "Choose other dates or clear the filters.",
        f"{reverse(f'reporting:{page}')}?{DAYS}",
    )


@pytest.mark.parametrize("page", PAGES)
def test_empty_page_of_a_year_explains_where_figures_come_from(reader: Client, page: str) -> None:
    assert empty_state_of(reader, page, "from=2025-03-21&to=2026-03-20") == (
        "Figures appear here when leads arrive through the API or an import.",
        "",
    )


def test_empty_page_keeps_its_group(reader: Client) -> None:
    html = reader.get(f"{reverse('reporting:sources')}?by=team").content.decode()

    assert (
        f"{reverse('reporting:sources')}?by=team&amp;from=2025-03-21&amp;to=2026-03-20"
        in (html.split("No leads in this period")[1])
    )


def test_handoffs_without_rejections_show_no_empty_state(reader: Client) -> None:
    offer(make_lead(opened=MONDAY), MONDAY, user=make_person(), team=make_team())
    follow_log(at=NOON)

    page = reader.get(f"{reverse('reporting:rejections')}?{DAYS}").content.decode()

    assert "None of the handoffs offered in this period were rejected." in page
