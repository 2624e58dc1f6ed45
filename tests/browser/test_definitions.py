"""The definitions of figures, as they read once they are folded out."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from people.models import User
from people.roles import Role
from tests.browser.watching import sideways
from tests.people.factories import make_team, make_user_with

SignIn = Callable[[User], Page]


@pytest.mark.parametrize("address", ["/reports/", "/reports/speed/", "/team/"])
def test_definition_fits_beside_or_below_its_name(sign_in: SignIn, address: str) -> None:
    manager = make_user_with(Role.SALES_MANAGER)
    make_team(manager=manager)
    page = sign_in(manager)
    page.goto(address)

    page.get_by_text("Definitions").click()

    wordings = page.locator("dl.facts dd")
    expect(wordings.first).to_be_visible()
    assert sideways(page) == {}
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        narrowest = wordings.evaluate_all(
            "all => Math.min(...all.map(element => element.clientWidth))"
        )
        assert narrowest > width / 2
