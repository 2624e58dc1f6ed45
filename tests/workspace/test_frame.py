import re
from contextlib import ExitStack
from unittest.mock import patch

import pytest
from django.test import Client

from core.permissions import Right
from people.roles import RIGHTS, Role
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


def test_a_page_is_current_while_one_of_its_parts_is_shown() -> None:
    [link] = links_among(
        (Page("Mine", "workspace:home", (Right.SEE_LEADS,), parts=(NOTICES,)),), SEES_LEADS
    )

    assert link.view_names == {"workspace:home", "workspace:notices"}
    assert [part.href for part in link.parts] == ["/notices/"]


def test_filtered_view_is_never_the_current_page() -> None:
    sent_back = Page("Returned leads", "workspace:leads", (Right.SEE_LEADS,), query="?returned=yes")

    [link] = links_among((sent_back,), SEES_LEADS)

    assert (link.href, link.view_names) == ("/leads/?returned=yes", frozenset())


def test_bar_shows_the_pages_of_each_role() -> None:
    offered = {
        role: [page.label for page in PAGES if RIGHTS[role].intersection(page.rights)]
        for role in Role
    }

    assert offered == {
        Role.REP: ["Inbox", "Queues", "Leads", "Reports"],
        Role.SALES_MANAGER: ["Inbox", "Queues", "Leads", "Team", "Reports"],
        Role.MARKETER: ["Leads", "Returned leads", "Reports", "Campaigns"],
        Role.HANDOFF_OWNER: ["Queues", "Leads", "Returned leads", "Team", "Reports", "Admin"],
        Role.OPERATIONS: ["Queues", "Leads", "Reports", "Admin"],
        Role.LEADER: ["Leads", "Team", "Reports"],
    }


@pytest.mark.parametrize(
    ("cookie", "attribute"),
    [
        ("dark", ' data-theme="dark"'),
        ("light", ' data-theme="light"'),
        ('"><script>', ""),
        ("", ""),
    ],
)
def test_server_renders_the_chosen_theme(client: Client, cookie: str, attribute: str) -> None:
    client.cookies["theme"] = cookie

    page = client.get("/sign-in/").content.decode()

    assert f'<html lang="en"{attribute}>' in page


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/sign-in/", "/notices/", "/"])
def test_a_page_has_no_inline_style_or_script(client: Client, path: str) -> None:
    if path != "/sign-in/":
        client.force_login(make_user())

    response = client.get(path)
    page = response.content.decode()

    assert response.status_code == 200
    assert "script-src 'self'; " in response["Content-Security-Policy"] + "; "
    assert "style-src 'self'; " in response["Content-Security-Policy"] + "; "
    assert not re.findall(r"<script(?![^>]* src=)|<style| style=| on\w+=| hx-on", page)
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page)


@pytest.mark.parametrize("path", ["/no-such-page/", "/leads/does-not-exist/"])
def test_missing_page_links_to_home(client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 404
    assert "Page not found" in response.content.decode()


def test_post_only_address_explains_itself(client: Client) -> None:
    client.cookies["theme"] = "dark"

    response = client.get("/sign-out/")

    assert (response.status_code, response["Allow"]) == (405, "POST, OPTIONS")
    assert "This page cannot be opened directly" in response.content.decode()
    assert '<html lang="en" data-theme="dark">' in response.content.decode()


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

    assert response.status_code == 500
    assert "Something went wrong" in response.content.decode()
    assert ('data-theme="dark"' in response.content.decode()) is not is_worse
