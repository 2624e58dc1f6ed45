"""The frame around every page, as a person meets it: themes, menus, narrow screens."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from people.models import User
from tests.people.factories import make_user

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 844}

SignIn = Callable[[User], Page]
screen = pytest.mark.browser_context_args


def test_a_chosen_theme_stays_until_the_system_decides_again(sign_in: SignIn) -> None:
    page = sign_in(make_user())
    page.goto("/notices/")

    page.get_by_role("button", name="your menu").click()
    page.get_by_role("button", name="Dark").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.get_by_role("button", name="your menu").click()
    page.get_by_role("button", name="System").click()
    page.reload()
    assert page.locator("html").get_attribute("data-theme") is None


@screen(java_script_enabled=False, viewport=PHONE)
def test_menus_of_a_phone_open_without_javascript(sign_in: SignIn) -> None:
    page = sign_in(make_user())
    page.goto("/notices/")
    sign_out = page.get_by_role("button", name="Sign out")
    expect(sign_out).to_be_hidden()

    page.get_by_role("button", name="your menu").click()

    expect(sign_out).to_be_visible()


@pytest.mark.parametrize(
    "width",
    [
        pytest.param(1280, marks=screen(viewport=DESKTOP, color_scheme="light"), id="light"),
        pytest.param(1280, marks=screen(viewport=DESKTOP, color_scheme="dark"), id="dark"),
        pytest.param(390, marks=screen(viewport=PHONE, color_scheme="light"), id="phone-light"),
        pytest.param(390, marks=screen(viewport=PHONE, color_scheme="dark"), id="phone-dark"),
    ],
)
def test_page_fits_its_screen_and_obeys_the_content_policy(sign_in: SignIn, width: int) -> None:
    page = sign_in(make_user())
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))

    page.goto("/notices/", wait_until="networkidle")

    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
