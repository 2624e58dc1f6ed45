from collections.abc import Callable

from playwright.sync_api import Page, expect

from people.models import User
from tests.people.factories import make_user


def test_a_stranger_is_asked_to_sign_in_and_a_person_is_not(
    page: Page, sign_in: Callable[[User], Page]
) -> None:
    page.goto("/")
    expect(page.locator("input[type=password]")).to_be_visible()

    sign_in(make_user()).goto("/")
    expect(page.locator("input[type=password]")).to_have_count(0)
