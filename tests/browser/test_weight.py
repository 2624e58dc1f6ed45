"""The first page is light: a phone on a slow network loads it in seconds."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from people.models import User
from people.roles import Role
from tests.factories import make_person

MAX_BYTES = 250_000
# Bytes on the network with compression, the head of an answer included.
SIZES = """() => [
    ...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource"),
].map((entry) => [new URL(entry.name).pathname, entry.transferSize])"""


@pytest.mark.parametrize("href", ["/sign-in/", "/inbox/", "/leads/", "/reports/"])
def test_first_page_is_light(page: Page, sign_in: Callable[[User], Page], href: str) -> None:
    if href != "/sign-in/":
        sign_in(make_person(Role.REP if href == "/inbox/" else Role.LEADER))
    page.goto(href, wait_until="networkidle")

    sizes = page.evaluate(SIZES)

    assert all(size for _, size in sizes), sizes
    assert sum(size for _, size in sizes) < MAX_BYTES, sorted(sizes, key=lambda row: -row[1])
    assert page.locator("link[rel=stylesheet]").count() == 1
    assert [path for path, _ in sizes if path.endswith(".css")] == ["/static/css/pages.css"]


def test_letters_beyond_the_small_fonts_load_the_complete_one(
    sign_in: Callable[[User], Page],
) -> None:
    page = sign_in(make_person(Role.LEADER, name="Ελένη"))
    page.goto("/leads/", wait_until="networkidle")

    fonts = [path for path, _ in page.evaluate(SIZES) if path.endswith(".woff2")]

    assert any("unfold" in path for path in fonts)
