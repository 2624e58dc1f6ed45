"""A real browser on a real server; without Chromium, which script/test fetches, all is skipped."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import User

FOLDER = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# As long as for everything else of Playwright's; a browser shares its machine with the other tests.
expect.set_options(timeout=30_000)
# Playwright keeps an event loop in this thread, and Django takes that for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM:
        return
    without = pytest.mark.skip(reason=f"no browser: none of {', '.join(NAMES)} is on the path")
    for item in items:
        if item.path.is_relative_to(FOLDER) and "page" in getattr(item, "fixturenames", ()):
            item.add_marker(without)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": QUIET}


@pytest.fixture(autouse=True)
def _committed(transactional_db: None) -> None:
    """Commit the rows of a test, as the server has a connection of its own."""


@pytest.fixture
def site(live_server: LiveServer) -> str:
    return live_server.url


@pytest.fixture(scope="session")
def base_url() -> None:
    """Each test says by `site` where its pages are."""


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any], site: str) -> dict[str, Any]:
    """Make `page.goto("/inbox/")` reach the test's own server."""
    return {**browser_context_args, "base_url": site}


@pytest.fixture
def sign_in(page: Page, site: str) -> Callable[[User], Page]:
    """Hand the page the session of somebody who has just signed in."""

    def as_person(user: User) -> Page:
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.clear_cookies()
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}]
        )
        return page

    return as_person
