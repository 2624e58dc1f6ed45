"""Every address of the product, asked for by everybody; an address without a line here fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.template.response import TemplateResponse

from people.roles import RIGHTS, Role
from tests.journeys import access
from tests.journeys.world import LATER, World, addresses, make_configuration, make_world
from workspace.navigation import PAGES, links_among

pytestmark = pytest.mark.django_db

Expected = dict[tuple[str, str], list[str]]


@pytest.fixture(autouse=True)
def _later() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def world() -> World:
    return make_world()


def lines(table: str) -> Expected:
    rows = [line.split() for line in table.strip().splitlines()]
    return {(name, method): statuses for name, method, *statuses in rows}


def of_the_admin() -> Expected:
    """Three statuses a method and line; the others get the same everywhere."""
    expected: Expected = {}
    for line in access.ADMIN.strip().splitlines():
        name, *statuses = line.split()
        for place, method in enumerate(("GET", "POST")):
            expected[name, method] = ["in", "403", *statuses[place::2]]
    return expected


def answers_of(world: World, whom: tuple[str, ...], *, in_admin: bool) -> Expected:
    """Return the status codes by address and method; admin sign-in and sign-out are for all."""
    routes = {
        name: route
        for name, route in addresses().items()
        if in_admin == (route.startswith("admin/") and name not in {"admin:index", "admin:login"})
    }
    return {
        (name, method): [world.ask(who, name, route, method) for who in whom]
        for name, route in routes.items()
        for method in ("GET", "POST")
    }


@pytest.mark.slow
def test_each_role_opens_only_its_pages(world: World) -> None:
    assert answers_of(world, access.WHO, in_admin=False) == lines(access.PAGES)


@pytest.mark.slow
def test_admin_needs_an_admin_role(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # Access is checked before a page is rendered, and rendering takes most of the time.
    monkeypatch.setattr(TemplateResponse, "rendered_content", "")
    make_configuration(world)

    assert answers_of(world, access.ASKS_ADMIN, in_admin=True) == of_the_admin()


def test_no_address_refuses_to_be_opened() -> None:
    """A form posts to it, and a reload or a bookmark opens it: that shows the page of the form."""
    refusing = {
        name
        for (name, method), statuses in lines(access.PAGES).items()
        if method == "GET" and "405" in statuses
    }

    assert refusing == set()


def test_every_form_of_a_page_needs_its_token() -> None:
    world = make_world(enforce_csrf_checks=True)
    taken = {"200", "302", "422"}
    forms = {
        (name, who)
        for (name, method), statuses in lines(access.PAGES).items()
        for who, status in zip(access.WHO, statuses, strict=True)
        if method == "POST" and (status in taken or name == "people:sign_out")
    }

    answers = {world.ask(who, name, addresses()[name], "POST") for name, who in forms}

    assert len(forms) > 40
    assert answers == {"403"}


@pytest.mark.parametrize(
    ("who", "role"),
    [
        ("rep", Role.REP),
        ("manager", Role.SALES_MANAGER),
        ("marketer", Role.MARKETER),
        ("owner", Role.HANDOFF_OWNER),
        ("operations", Role.OPERATIONS),
        ("leader", Role.LEADER),
    ],
)
def test_bar_entries_and_home_open(world: World, who: str, role: Role) -> None:
    offered = [page for page in PAGES if RIGHTS[role].intersection(page.rights)]
    links = list(links_among(PAGES, RIGHTS[role]))
    hrefs = ["/", *(page.href for link in links for page in (link, *link.parts))]

    statuses = {href: world.clients[who].get(href, follow=True).status_code for href in hrefs}

    assert [link.label for link in links] == [page.label for page in offered]
    assert statuses == dict.fromkeys(hrefs, 200)
