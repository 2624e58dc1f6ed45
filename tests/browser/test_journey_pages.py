"""Every page of every role: quiet, within its policy, and no wider than its screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from handoff.models import Handoff, RuleSet
from leads.models import ScoringModel
from people.models import User
from people.roles import Role
from tests.admin_pages import url_of
from tests.browser.everyone import hrefs_for, make_people
from tests.browser.watching import Complaints, sideways

SignIn = Callable[[User], Page]


@pytest.fixture
def people() -> dict[Role, User]:
    return make_people()


# Times as wide as they get, so that the test does not depend on the time of day.
WIDE_TIMES: Final = """
for (const time of document.querySelectorAll("time")) {
  if (!time.childElementCount) time.textContent = time.textContent.replace(/\\b\\d:/, "10:");
}
"""


@pytest.mark.parametrize("role", Role)
def test_pages_fit_without_errors_in_both_themes_and_sizes(
    role: Role, sign_in: SignIn, people: dict[Role, User]
) -> None:
    page = sign_in(people[role])
    complaints = Complaints(page.context)
    wide: dict[str, int] = {}

    for href in hrefs_for(people[role]):
        page.goto(href)
        page.evaluate(WIDE_TIMES)
        wide |= sideways(page)

    assert complaints == []
    assert wide == {}


def test_the_open_lead_fits_beside_the_list(sign_in: SignIn, people: dict[Role, User]) -> None:
    rep = people[Role.REP]
    page = sign_in(rep)
    complaints = Complaints(page.context)
    wide: dict[str, int] = {}

    for handoff in Handoff.objects.open().filter(owner=rep):
        page.goto(f"/inbox/?lead={handoff.lead_id}")
        expect(page.locator("#work:not([aria-busy=true]) h2")).to_be_visible()
        for panel in page.locator("#work summary.button").all():
            panel.click()
        wide |= sideways(page)

    assert complaints == []
    assert wide == {}


def test_admin_pages_log_no_errors(sign_in: SignIn, people: dict[Role, User]) -> None:
    page = sign_in(people[Role.OPERATIONS])
    complaints = Complaints(page.context)
    rows = [RuleSet.objects.latest("pk"), ScoringModel.objects.latest("pk"), people[Role.REP]]
    hrefs = [reverse("admin:index"), reverse("admin:people_user_changelist"), *map(url_of, rows)]

    for href in hrefs:
        page.goto(href)

    assert complaints == []


@pytest.mark.parametrize(("href", "narrowest"), [("/sign-in/", 320), ("/api/v1/docs/", 320)])
def test_anonymous_pages_fit_without_errors(page: Page, href: str, narrowest: int) -> None:
    complaints = Complaints(page.context)

    page.goto(href, wait_until="networkidle")

    assert sideways(page, narrowest) == {}
    assert complaints == []
