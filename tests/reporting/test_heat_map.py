"""Rejections by reason, as counts and as shares of the answered handoffs."""

from __future__ import annotations

from collections import Counter

import pytest
from django.test import Client

from handoff.models import RejectionReason
from leads.models import LeadEvent
from reporting.rollups.refresh import follow_log
from tests.pages import Page
from tests.reporting.history import (
    DAY,
    accept,
    make_campaign,
    make_lead,
    make_person,
    make_source,
    offer,
    reject,
)
from tests.reporting.pages import DAYS, NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

# Source, reason or "" for an accepted handoff, number.
ANSWERS = [
    ("Paid search", "not_icp", 12),
    ("Paid search", "no_budget", 3),
    ("Paid search", "", 45),
    ("Webinar", "not_icp", 10),
    ("Webinar", "", 10),
    ("Event", "bad_data", 2),
    ("Event", "", 1),
]


@pytest.fixture
def answers() -> None:
    rep = make_person()
    for source, reason, number in ANSWERS:
        for _ in range(number):
            handoff = offer(make_lead(opened=NOON - DAY, source=make_source(source)), NOON - DAY)
            if reason:
                reject(handoff, NOON - DAY, rep, reason)
            else:
                accept(handoff, NOON - DAY, rep)
    follow_log(at=NOON)


def recounted() -> dict[tuple[str, str], str]:
    """Return “rejections of answers” by source and reason, from the log alone."""
    sources = dict(
        LeadEvent.objects.filter(kind="opened").values_list("lead", "lead__source__name")
    )
    answered: Counter[str] = Counter()
    rejected: Counter[tuple[str, str]] = Counter()
    for event in LeadEvent.objects.filter(kind__in=["accepted", "rejected"]):
        source = sources[event.lead_id]
        answered[source] += 1
        if event.kind == "rejected":
            rejected[source, event.payload["reason"]] += 1
    return {
        (source, reason): f"{number} of {answered[source]}"
        for (source, reason), number in rejected.items()
    }


def cells_of(page: Page) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Return class, figure and note of each cell that has one, by row and column."""
    columns = page.texts(".heat-map thead th")[1:]
    cells = {}
    for place, name in enumerate(page.texts(".heat-map tbody th"), start=1):
        row = f".heat-map tbody tr:nth-child({place}) td"
        for number, column in enumerate(columns, start=1):
            cell = f"{row}:nth-child({number + 1})"
            if page.has(f"{cell} a"):
                [css] = page.values(cell, "class")
                cells[name, column] = css, page.text(f"{cell} a"), page.text(f"{cell} small")
    return cells


@pytest.mark.usefixtures("answers")
def test_rates_are_shares_of_the_answered_handoffs_of_each_source(reader: Client) -> None:
    labels = dict(RejectionReason.objects.values_list("code", "label"))

    cells = cells_of(Page(reader.get(f"/reports/rejections/?{DAYS}&view=rate")))

    assert {key: note for key, (_, _, note) in cells.items() if key[1] != "All reasons"} == {
        (source, labels.get(reason, reason)): counts
        for (source, reason), counts in recounted().items()
    }
    assert cells["Webinar", "All reasons"][1:] == ("50%", "10 of 20")


@pytest.mark.usefixtures("answers")
def test_darkest_is_the_largest_share_of_a_row_with_enough_answers(reader: Client) -> None:
    by_count = Page(reader.get(f"/reports/rejections/?{DAYS}"))
    by_rate = Page(reader.get(f"/reports/rejections/?{DAYS}&view=rate"))

    darkest = [
        [key[0] for key, (css, _, _) in cells_of(page).items() if css == "heat h9"]
        for page in (by_count, by_rate)
    ]
    assert darkest == [["Paid search"], ["Webinar"]]
    assert [css for key, (css, _, _) in cells_of(by_rate).items() if key[0] == "Event"] == [
        "heat heat-young",
        "heat heat-none",
    ]
    assert [page.text(".legend li:has(.heat-scale)") for page in (by_count, by_rate)] == [
        "From light to dark: 012",
        "From light to dark: 050%",
    ]
    assert by_rate.texts(".legend li")[1:] == ["Fewer than 20 answered handoffs"]
    assert by_count.texts(".legend li")[1:] == []


def test_scale_of_rates_is_left_out_where_all_rows_are_small(reader: Client) -> None:
    reject(offer(make_lead(opened=NOON - DAY), NOON - DAY), NOON - DAY, make_person(), "not_icp")
    follow_log(at=NOON)

    page = Page(reader.get(f"/reports/rejections/?{DAYS}&view=rate"))

    assert page.texts(".legend li") == ["Fewer than 20 answered handoffs"]


@pytest.mark.usefixtures("answers")
def test_choice_of_rate_stays_in_the_address(reader: Client) -> None:
    page = Page(reader.get(f"/reports/rejections/?{DAYS}&view=rate"))

    assert page.texts(".card .segments [aria-current]") == ["Rate"]
    assert page.values("form.filters [name=view]") == ["rate"]
    assert page.values(".page-head-actions [name=view]") == ["rate"]
    assert all("view=rate" in href for href in page.links(".page-head .segments a"))
    assert all("view=rate" in href for href in page.links("main .tabs a"))


def test_unknown_view_is_refused(reader: Client) -> None:
    page = Page(reader.get(f"/reports/rejections/?{DAYS}&view=color"))

    assert page.status == 400
    assert page.text("main p[role=alert]") == "The rejections report is not shown by “color”."


@pytest.mark.parametrize(
    ("group", "start"), [("source", "/reports/sources/"), ("campaign", "/campaigns/")]
)
def test_name_of_a_row_leads_to_its_page(group: str, start: str, reader: Client) -> None:
    rep, opened = make_person(), NOON - DAY
    lead = make_lead(opened=opened, source=make_source("Webinar"), campaign=make_campaign())
    reject(offer(lead, opened, user=rep), opened, rep, "not_icp")
    follow_log(at=NOON)

    page = Page(reader.get(f"/reports/rejections/?{DAYS}&by={group}"))

    [link] = page.links(".heat-map tbody th a")
    assert link.startswith(start)
    assert DAYS in link
    assert reader.get(link).status_code == 200
