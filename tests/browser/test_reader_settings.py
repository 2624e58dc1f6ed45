"""Pages hold with 200 % zoom, the reader's own colors and reduced motion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page, ViewportSize

from handoff.models import Handoff
from people.models import User
from people.roles import Role
from tests.browser.everyone import make_people

SignIn = Callable[[User], Page]
ZOOMED: Final[ViewportSize] = {"width": 640, "height": 422}  # a window of 1280 pixels at 200 %
STEPS: Final = 40

OVERFLOW: Final = "document.documentElement.scrollWidth - innerWidth"
# The outline may be on the line around a choice, or on what covers the whole tile of a link.
FOCUS: Final = """() => {
  const at = document.activeElement;
  if (at === document.body) return null;
  const styles = [getComputedStyle(at, "::after")];
  for (let part = at; part && styles.length < 5; part = part.parentElement) {
    styles.push(getComputedStyle(part));
  }
  const outlined = (one) => one.outlineStyle !== "none" && parseFloat(one.outlineWidth) >= 2;
  const seen = styles.some(outlined) || at.matches("[data-point], .chart-point");
  return [at.outerHTML.slice(0, 200), seen];
}"""
BARE_BADGES: Final = """[...document.querySelectorAll(".badge")]
  .filter((badge) => badge.offsetParent)
  .filter((badge) => !badge.textContent.trim() || getComputedStyle(badge).outlineStyle === "none")
  .map((badge) => badge.outerHTML)"""
MOVING: Final = """[...document.querySelectorAll("*")].filter((one) => {
  const { transitionDuration } = getComputedStyle(one);
  return transitionDuration.split(", ").some((duration) => parseFloat(duration) > 0);
}).map((one) => one.outerHTML.slice(0, 200))"""


@pytest.fixture
def people() -> dict[Role, User]:
    return make_people()


@pytest.fixture(params=["inbox", "lead", "leads", "report", "rules"])
def shown(request: pytest.FixtureRequest, sign_in: SignIn, people: dict[Role, User]) -> Page:
    """Show a page to whoever works there most."""
    lead = Handoff.objects.open().filter(owner=people[Role.REP]).earliest("pk").lead_id
    role, href = {
        "inbox": (Role.REP, f"/inbox/?lead={lead}"),
        "lead": (Role.REP, f"/leads/{lead}/"),
        "leads": (Role.LEADER, "/leads/"),
        "report": (Role.LEADER, "/reports/rejections/"),
        "rules": (Role.OPERATIONS, "/admin/handoff/routingrule/"),
    }[request.param]
    page = sign_in(people[role])
    page.goto(href)
    return page


def test_page_fits_at_200_percent(shown: Page) -> None:
    shown.set_viewport_size(ZOOMED)

    assert shown.evaluate(OVERFLOW) <= 0


def test_page_keeps_focus_and_badges_in_forced_colors(shown: Page) -> None:
    shown.emulate_media(forced_colors="active")
    unseen = []

    for _ in range(STEPS):
        shown.keyboard.press("Tab")
        at = shown.evaluate(FOCUS)
        if at and not at[1]:
            unseen.append(at[0])

    assert unseen == []
    assert shown.evaluate(BARE_BADGES) == []
    assert shown.evaluate(OVERFLOW) <= 0


def test_page_stands_still_with_reduced_motion(shown: Page) -> None:
    shown.emulate_media(reduced_motion="no-preference")
    moving = shown.evaluate(MOVING)
    shown.emulate_media(reduced_motion="reduce")

    assert moving
    assert shown.evaluate(MOVING) == []
