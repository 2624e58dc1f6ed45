"""Acceptance by the first answer, by the last one, and any rejection: recounted in plain Python."""

from __future__ import annotations

import pytest
from django.test import Client

from leads.models import EventKind, LeadEvent
from reporting.rollups.refresh import follow_log
from tests.pages import Page, text_of
from tests.reporting.history import (
    DAY,
    HOUR,
    MONDAY,
    accept,
    cannot_evaluate,
    make_lead,
    make_person,
    offer,
    reject,
)
from tests.reporting.pages import DAYS, NOON

pytestmark = pytest.mark.django_db

STORIES = ("a", "a", "ar", "ar", "r", "ra", "rar", "rr", "c", "", "ca")


def make_stories() -> None:
    """Make a lead for each story: accepted, rejected, could not be evaluated, one each day."""
    rep = make_person()
    for story in STORIES:
        lead = make_lead()
        handoff = None
        for day, answer in enumerate(story):
            if handoff is None or answer != "r" or story[day - 1] != "a":
                handoff = offer(lead, MONDAY + day * DAY, user=rep)
            at = MONDAY + day * DAY + HOUR
            if answer == "a":
                accept(handoff, at, rep)
            elif answer == "r":
                reject(handoff, at, rep, "not_icp")
            else:
                cannot_evaluate(handoff, at, rep)
    follow_log(at=NOON)


def recounted() -> dict[str, tuple[int, int]]:
    kinds = (EventKind.ACCEPTED, EventKind.REJECTED)
    answers: dict[int, list[str]] = {}
    for event in LeadEvent.objects.filter(kind__in=kinds).order_by("occurred_at", "pk"):
        answers.setdefault(event.lead_id, []).append(event.kind)
    leads = list(answers.values())
    return {
        "sales_acceptance": (sum(lead[0] == "accepted" for lead in leads), len(leads)),
        "lasting_acceptance": (sum(lead[-1] == "accepted" for lead in leads), len(leads)),
        "rejected_once": (sum("rejected" in lead for lead in leads), len(leads)),
    }


def test_acceptance_is_what_a_recount_gives_and_opens_its_list(reader: Client) -> None:
    make_stories()

    assert recounted() == {
        "sales_acceptance": (5, 9),
        "lasting_acceptance": (4, 9),
        "rejected_once": (6, 9),
    }
    page = Page(reader.get(f"/reports/rejections/?{DAYS}"))
    tiles = dict(zip(page.texts(".tile-label"), page.texts(".tile-note"), strict=True))
    for code, counts in recounted().items():
        address = f"/reports/leads/?metric={code}&{DAYS}&part="
        listed = tuple(
            len(Page(reader.get(f"{address}{part}")).all("tbody tr"))
            for part in ("numerator", "denominator")
        )
        assert listed == counts, code
    assert tiles["Sales acceptance"] == "5 of 9"
    assert tiles["Lasting acceptance"] == "4 of 9"
    assert tiles["Rejected at least once"] == "6 of 9"


def test_rejection_rate_is_what_a_recount_gives_and_opens_its_list(reader: Client) -> None:
    make_stories()
    kinds = (EventKind.ACCEPTED, EventKind.REJECTED, EventKind.CANNOT_EVALUATE)
    answered = LeadEvent.objects.filter(kind__in=kinds)
    every = {event.payload["handoff"] for event in answered}
    rejected = {event.payload["handoff"] for event in answered if event.kind == "rejected"}

    page = Page(reader.get(f"/reports/rejections/?{DAYS}"))

    tiles = dict(zip(page.texts(".tile-label"), page.texts(".tile-note"), strict=True))
    assert tiles["Rejection rate"] == f"{len(rejected)} of {len(every)}"
    (row,) = page.all(".heat-map tbody tr")
    cells = [text_of(cell) for cell in row.css("td")]
    assert cells == ["8 100%", f"{len(rejected)} {round(100 * len(rejected) / len(every))}%"]
    address = f"/reports/leads/?metric=handoff_rejection&{DAYS}"
    assert len(Page(reader.get(address)).all("tbody tr")) == len(rejected)


def test_rejections_under_a_filter_of_handoffs_leave_out_the_figures_of_leads(
    reader: Client,
) -> None:
    make_stories()

    page = Page(reader.get(f"/reports/rejections/?{DAYS}&reason=not_icp"))

    assert page.texts(".tile-label") == ["Handoffs", "Rejection rate", "Can't evaluate"]
