"""The search of the bar: by keyboard, by touch and without JavaScript, in the app and the admin."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from people.models import User
from people.roles import Role
from tests.browser.watching import Complaints
from tests.factories import make_lead, make_person

SignIn = Callable[[User], Page]
screen = pytest.mark.browser_context_args


@pytest.fixture
def marketer() -> User:
    return make_person(Role.MARKETER, "Olga Marten")


def combobox(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Search")


def test_lead_is_found_and_opened_by_keyboard(sign_in: SignIn, marketer: User) -> None:
    lead = make_lead(name="José Núñez", company="Café Munchen")
    make_lead(name="Josephine Ray")
    page = sign_in(marketer)
    complaints = Complaints(page.context)
    page.goto("/notices/")

    page.keyboard.press("Control+k")
    expect(combobox(page)).to_be_focused()
    page.keyboard.type("jose")
    active = page.locator("[role=option][aria-selected=true]")
    expect(active).to_contain_text("José Núñez")
    expect(combobox(page)).to_have_attribute("aria-activedescendant", active.get_attribute("id"))
    expect(page.locator("dialog [role=status]")).to_have_text(re.compile(r"^\d+ results$"))
    page.keyboard.press("ArrowDown")
    expect(active).to_contain_text("Josephine Ray")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/leads/{lead.pk}/")
    assert complaints == []


def test_slash_opens_the_search_but_not_while_typing(sign_in: SignIn, marketer: User) -> None:
    page = sign_in(marketer)
    page.goto("/leads/")

    page.locator("main input[name=q]").press("/")
    expect(page.locator("main input[name=q]")).to_have_value("/")
    expect(combobox(page)).to_be_hidden()
    page.locator("main input[name=q]").blur()
    page.keyboard.press("/")
    expect(combobox(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(combobox(page)).to_be_hidden()


def test_late_answer_to_an_earlier_text_is_dropped(sign_in: SignIn, marketer: User) -> None:
    make_lead(name="Ann Berg")
    make_lead(name="Bob Ray")
    page = sign_in(marketer)
    page.goto("/notices/")
    held: list[Route] = []
    page.route("**/search/options/?q=ann", lambda route: held.append(route))

    page.keyboard.press("Control+k")
    with page.expect_request("**/search/options/?q=ann"):
        page.keyboard.type("ann")
    combobox(page).fill("bob")
    expect(page.get_by_role("option").first).to_contain_text("Bob Ray")
    for route in held:
        route.abort()

    expect(page.get_by_role("option").first).to_contain_text("Bob Ray")
    expect(page.locator("dialog [role=status]")).to_have_text(re.compile(r"^\d+ results$"))


@screen(java_script_enabled=False)
def test_form_of_the_bar_leads_to_a_page_without_javascript(
    sign_in: SignIn, marketer: User
) -> None:
    make_lead(name="José Núñez")
    page = sign_in(marketer)
    page.goto("/notices/")

    page.get_by_role("searchbox", name="Search").fill("jose")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Contacts")).to_be_visible()
    page.locator("main .search-row", has_text="José Núñez").first.click()
    expect(page).to_have_title("José Núñez · Handoff")


def test_admin_has_the_same_search(sign_in: SignIn) -> None:
    page = sign_in(make_person(Role.OPERATIONS))
    complaints = Complaints(page.context)
    page.goto("/admin/people/team/")

    page.keyboard.press("Control+k")
    page.keyboard.type("rejection reas")
    expect(page.get_by_role("option").first).to_contain_text("Rejection reasons")
    page.keyboard.press("Enter")

    page.wait_for_url("**/admin/handoff/rejectionreason/")
    assert complaints == []
