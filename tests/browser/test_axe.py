"""Pages have no violation that axe finds, in both themes."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from people.models import User
from people.roles import Role
from tests.browser.axe import violations
from tests.factories import make_lead, make_person

SignIn = Callable[[User], Page]


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
    expect(page.locator("dialog [role=status]")).to_contain_text("Nothing problems")
    problems += violations(page)

    assert problems == []
