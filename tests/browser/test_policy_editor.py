"""An SLA target changed and published in four clicks, and the pages on every screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from config.bootstrap import bootstrap
from handoff.models import SlaPolicy
from handoff.sla import versions
from people.models import User
from people.roles import Role
from tests.browser.axe import violations
from tests.browser.watching import Complaints, sideways
from tests.factories import make_person
from tests.people.factories import MONDAY_9AM

SignIn = Callable[[User], Page]


@pytest.fixture
def olga() -> User:
    bootstrap(at=MONDAY_9AM)
    return make_person(Role.OPERATIONS, "Olga")


def address(policy: SlaPolicy) -> str:
    return f"/admin/handoff/slapolicy/{policy.pk}"


def test_target_is_changed_and_published_in_four_clicks(sign_in: SignIn, olga: User) -> None:
    live = SlaPolicy.objects.get(code="standard")
    page = sign_in(olga)
    complaints = Complaints(page.context)
    page.goto(f"{address(live)}/change/")
    clicks: list[Locator] = []

    def click(target: Locator) -> None:
        target.click()
        clicks.append(target)

    click(page.get_by_role("button", name="Edit"))
    within = page.get_by_label("Response for hot leads: within")
    click(within)
    within.fill("20 minutes")
    click(page.get_by_role("button", name="Review and publish"))
    expect(page.locator(".change")).to_contain_text("30 working minutes")
    expect(page.get_by_label("Note")).to_be_focused()
    page.keyboard.type("Hot leads are called sooner.")
    click(page.get_by_role("button", name="Publish"))

    expect(page.get_by_text("Standard v2 is live.")).to_be_visible()
    assert len(clicks) <= 4
    target = SlaPolicy.objects.get(code="standard", status="published").targets.get(
        clock="answer", temperature="hot"
    )
    assert target.within_minutes == 20
    assert complaints == []


def test_change_is_saved_by_keyboard_and_announced(sign_in: SignIn, olga: User) -> None:
    draft = versions.copy_to_draft(SlaPolicy.objects.get(code="standard"))
    page = sign_in(olga)
    page.goto(f"{address(draft)}/change/")

    within = page.get_by_label("Response for hot leads: within")
    within.fill("20 minutes")
    within.press("Tab")
    expect(page.locator("#policy-said")).to_have_text("Saved")
    expect(page.get_by_text("Draft: 1 change, not live")).to_be_visible()
    expect(page.get_by_label("Response for hot leads: time that counts")).to_be_focused()

    tab = page.get_by_role("button", name="Response, hot leads")
    tab.focus()
    tab.press("Enter")
    expect(page.locator(".policy-tabs [aria-current]")).to_have_text("Response, hot leads")
    step = page.get_by_role("button", name="Remove step")
    step.focus()
    step.press("Enter")
    expect(page.get_by_role("button", name="Add step: Reassign")).to_be_visible()
    expect(page.get_by_text("Draft: 1 change, not live")).to_be_visible()


def test_enter_saves_the_target_and_stays(sign_in: SignIn, olga: User) -> None:
    draft = versions.copy_to_draft(SlaPolicy.objects.get(code="standard"))
    page = sign_in(olga)
    page.goto(f"{address(draft)}/change/")

    within = page.get_by_label("Response for hot leads: within")
    within.fill("20 minutes")
    within.press("Enter")

    expect(page.get_by_text("Draft: 1 change, not live")).to_be_visible()
    expect(within).to_be_focused()


def test_policies_fit_every_screen_and_pass_axe(sign_in: SignIn, olga: User) -> None:
    live = SlaPolicy.objects.get(code="standard")
    draft = versions.copy_to_draft(live)
    page = sign_in(olga)
    complaints = Complaints(page.context)

    for path in (
        "/admin/handoff/slapolicy/",
        f"{address(live)}/change/",
        f"{address(draft)}/change/",
        f"{address(draft)}/publish/",
    ):
        page.goto(path)
        assert sideways(page, narrowest=390) == {}
        assert violations(page) == []
    assert complaints == []
