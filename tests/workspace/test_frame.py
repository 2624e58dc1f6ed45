from contextlib import ExitStack
from unittest.mock import patch

import pytest
from django.test import Client

from core.permissions import Right
from people.roles import RIGHTS, Role
from tests import pages
from tests.people.factories import make_user
from workspace.navigation import PAGES, Page, links_among

ADMIN = Page("Admin", "admin:index", (Right.PUBLISH,))
NOTICES = Page("Notices", "workspace:notices", (Right.SEE_LEADS,))
SEES_LEADS = frozenset({Right.SEE_LEADS})


def test_bar_shows_only_pages_of_the_users_roles() -> None:
    pages = (NOTICES, ADMIN)

    assert [link.label for link in links_among(pages, RIGHTS[Role.REP])] == ["Notices"]
    assert [link.label for link in links_among(pages, frozenset(Right))] == ["Notices", "Admin"]
    assert list(links_among(pages, frozenset())) == []


def test_page_is_current_while_one_of_its_parts_is_shown() -> None:
    [link] = links_among(
        (Page("Mine", "workspace:home", (Right.SEE_LEADS,), parts=(NOTICES,)),), SEES_LEADS
    )

    assert link.view_names == {"workspace:home", "workspace:notices"}
    assert [part.href for part in link.parts] == ["/notices/"]


def test_bar_shows_the_pages_of_each_role() -> None:
    offered = {
        role: [page.label for page in PAGES if RIGHTS[role].intersection(page.rights)]
        for role in Role
    }

    assert offered == {
        Role.REP: ["Inbox", "Queues", "Leads", "Reports"],
        Role.SALES_MANAGER: ["Inbox", "Queues", "Leads", "Team", "Reports"],
        Role.MARKETER: ["Leads", "Returned leads", "Data quality", "Reports", "Campaigns"],
        Role.HANDOFF_OWNER: [
            *("Queues", "Leads", "Returned leads", "Data quality", "Team", "Reports", "Admin")
        ],
        Role.OPERATIONS: ["Queues", "Leads", "Data quality", "Reports", "Admin"],
        Role.LEADER: ["Leads", "Team", "Reports"],
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cookie", "themes"),
    [("dark", ["dark"]), ("light", ["light"]), ('"><script>', []), ("", [])],
)
def test_server_renders_the_chosen_theme(client: Client, cookie: str, themes: list[str]) -> None:
    client.cookies["theme"] = cookie

    page = pages.Page(client.get("/sign-in/"))

    assert page.values("html", "data-theme") == themes


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/sign-in/", "/notices/", "/"])
def test_page_has_no_inline_style_or_script(client: Client, path: str) -> None:
    if path != "/sign-in/":
        client.force_login(make_user())

    response = client.get(path)
    page = pages.Page(response)

    assert page.status == 200
    assert "script-src 'self'; " in response["Content-Security-Policy"] + "; "
    assert "style-src 'self'; " in response["Content-Security-Policy"] + "; "
    assert pages.inline_code_of(page) == []
    assert not [
        address for address in pages.addresses_of(page) if address.startswith(("http", "//"))
    ]


@pytest.mark.parametrize("path", ["/no-such-page/", "/leads/does-not-exist/"])
def test_missing_page_links_to_home(client: Client, path: str) -> None:
    response = client.get(path)

    page = pages.Page(response)
    assert page.status == 404
    assert page.text("h1") == "Page not found"
    assert "/" in page.links("main a")


def test_wrong_method_is_explained(client: Client) -> None:
    client.cookies["theme"] = "dark"

    response = client.put("/sign-out/")

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST, OPTIONS")
    page = pages.Page(response)
    assert page.text("h1") == "This page cannot be opened directly"
    assert page.values("html", "data-theme") == ["dark"]


@pytest.mark.django_db
@pytest.mark.parametrize("is_worse", [False, True])
def test_error_page_uses_the_chosen_theme(is_worse: bool) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(make_user())
    client.cookies["theme"] = "dark"

    with ExitStack() as broken:
        broken.enter_context(patch("workspace.home.home_of", side_effect=RuntimeError("a bug")))
        if is_worse:
            worse = patch("config.errors.render_to_string", side_effect=RuntimeError("worse"))
            broken.enter_context(worse)
        response = client.get("/")

    page = pages.Page(response)
    assert page.status == 500
    assert page.text("h1") == "Something went wrong"
    assert page.values("html", "data-theme") == ([] if is_worse else ["dark"])
