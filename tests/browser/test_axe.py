"""Pages of the app and the admin have no violation that axe finds, in both themes and sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from api.keys import issue_key
from handoff.models import Handoff
from people.models import User
from people.roles import Role
from tests.admin_pages import urls_of_app
from tests.browser.axe import violations
from tests.browser.everyone import hrefs_for, make_people
from tests.factories import make_lead, make_person

SignIn = Callable[[User], Page]
# So high that nothing is behind the bar at the foot of a form, which axe takes for too small.
UNCOVERED: Final = 4000


@pytest.mark.parametrize("role", Role)
def test_pages_of_a_role_pass(role: Role, sign_in: SignIn) -> None:
    person = make_people()[role]
    page = sign_in(person)
    problems = []

    for href in hrefs_for(person):
        page.goto(href)
        problems += violations(page)

    assert problems == []


@pytest.mark.parametrize("app", ["people", "leads", "handoff", "api"])
def test_admin_pages_pass(app: str, sign_in: SignIn) -> None:
    people = make_people()
    issue_key("CRM", ["leads:read"])
    page = sign_in(people[Role.OPERATIONS])
    problems, opened = [], []

    for href in urls_of_app(app):
        answer = page.goto(href)
        # Nobody adds a company here, and a published version is neither deleted nor published.
        if answer and answer.ok:
            opened.append(href)
            problems += violations(page, UNCOVERED)

    assert problems == []
    assert len(opened) > 3


@pytest.mark.parametrize(
    "href",
    [
        *("/sign-in/", "/password/forgot/"),
        *("/api/v1/docs/", "/api/v1/guide/", "/api/v1/problems/"),
    ],
)
def test_pages_for_anybody_pass(page: Page, href: str) -> None:
    page.goto(href, wait_until="networkidle")

    assert violations(page) == []


def test_opened_parts_pass(sign_in: SignIn) -> None:
    rep = make_people()[Role.REP]
    page = sign_in(rep)

    for handoff in Handoff.objects.open().filter(owner=rep).order_by("pk")[:2]:
        page.goto(f"/inbox/?lead={handoff.lead_id}")
        expect(page.locator("#work:not([aria-busy=true]) h2")).to_be_visible()
        page.locator("#work summary", has_text="Reject").click()
        assert violations(page) == []

    page.get_by_role("button", name="your menu").click()
    assert violations(page) == []


def test_search_passes(sign_in: SignIn) -> None:
    make_lead(name="José Núñez")
    page = sign_in(make_person(Role.MARKETER))

    page.goto("/search/?q=jose")
    problems = violations(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("jose")
    expect(page.get_by_role("option").first).to_be_visible()
    problems += violations(page)
    page.keyboard.type("nobody")
    expect(page.locator("dialog [role=status]")).to_contain_text("Nothing found")
    problems += violations(page)

    assert problems == []
