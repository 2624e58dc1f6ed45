"""No page is longer on a phone than it must be: less than four screens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from handoff.notes import add_note
from leads.models import Campaign
from people.models import Notice, User
from people.roles import Role
from tests.admin_pages import urls_of_app
from tests.browser.everyone import COMPANY, hrefs_for, make_people
from tests.factories import make_handoff, make_person

HEIGHT: Final = "document.documentElement.scrollHeight"
MAX_HEIGHT: Final = 3000
PHONE: Final[Mapping[str, Any]] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}
# Starts of addresses, and why these pages are as long as they are.
LONG: Final[Mapping[str, str]] = {
    "/admin/handoff/rejectionreason/": "a form among all reasons, and what reps see of each",
    "/admin/leads/scoringmodel/": "a form with a row for each criterion",
    "/admin/leads/stagedefinition/": "a list that is sorted by dragging shows all of its rows",
}


@pytest.fixture
def phone(browser: Browser, site: str, sign_in: Callable[[User], Page]) -> Callable[[User], Page]:
    def as_person(user: User) -> Page:
        cookies = sign_in(user).context.storage_state()
        return browser.new_context(base_url=site, storage_state=cookies, **PHONE).new_page()

    return as_person


def too_high(page: Page, hrefs: Iterable[str]) -> dict[str, int]:
    heights: dict[str, int] = {}
    for href in hrefs:
        answer = page.goto(href)
        if answer and answer.ok and not href.startswith(tuple(LONG)):
            heights[href] = page.evaluate(HEIGHT)
    assert heights
    return {href: height for href, height in heights.items() if height >= MAX_HEIGHT}


def fill_notices(person: User) -> None:
    at = timezone.now()
    for number in range(25):
        moment = at - timedelta(minutes=number)
        Notice.objects.create(
            recipient=person,
            kind="offered",
            subject=f"A hot lead is offered to you: {COMPANY[:60]}",
            body="The SLA timer is running. Accept the lead, reject it or report missing data.",
            key=f"{number}",
            created_at=moment,
            deliver_at=moment,
        )


@pytest.mark.parametrize("role", Role)
def test_pages_of_a_role_are_short_on_a_phone(role: Role, phone: Callable[[User], Page]) -> None:
    person = make_people()[role]
    fill_notices(person)
    page = phone(person)
    # Each name and text of these leads fills ten lines.
    hrefs = [href for href in hrefs_for(person) if not re.fullmatch(r"/leads/\d+/", href)]

    assert too_high(page, [*hrefs, "/account/", "/search/?q=a"]) == {}
    page.context.close()


@pytest.mark.parametrize("role", [Role.REP, Role.MARKETER])
def test_lead_with_much_history_is_short_on_a_phone(
    role: Role, phone: Callable[[User], Page]
) -> None:
    people = make_people()
    rep, at = people[Role.REP], timezone.now()
    campaign = Campaign.objects.create(
        code="advice",
        name="Planning advice hour",
        offer="An hour",
        talking_points="One\nTwo\nThree",
    )
    lead = make_handoff(
        at=at,
        name="Terrence Dawson",
        title="VP Operations",
        company="Shore & Lake Elevators Inc.",
        stated_problem="Two merged companies still plan in two different systems.",
        campaign=campaign.code,
        phone="+14155550158",
    ).lead
    for number in range(30):
        add_note(lead=lead, text=f"Called {number} times, nobody answered.", by=rep, at=at)
    page = phone(people[role])
    href = lead.get_absolute_url()

    assert too_high(page, [href]) == {}
    page.get_by_text("earlier events").click()
    expect(page.get_by_text("Called 0 times")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("app", ["people", "leads", "handoff", "api"])
def test_admin_pages_are_short_on_a_phone(app: str, phone: Callable[[User], Page]) -> None:
    people = make_people()
    for number in range(30):
        make_person(Role.REP, f"Rep {number}")
    page = phone(people[Role.OPERATIONS])

    assert too_high(page, urls_of_app(app)) == {}
    page.context.close()
