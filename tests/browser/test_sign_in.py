from collections.abc import Callable

from playwright.sync_api import Page, expect

from people.models import User
from tests.people.factories import make_user


def test_only_anonymous_requests_are_sent_to_sign_in(
    page: Page, sign_in: Callable[[User], Page]
) -> None:
    page.goto("/")
    expect(page.locator("input[type=password]")).to_be_visible()

    sign_in(make_user()).goto("/")
    expect(page.locator("input[type=password]")).to_have_count(0)
