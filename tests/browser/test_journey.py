"""From a touch to a number: the main job of the product, watched in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from handoff.models import Handoff
from handoff.tasks import sweep_clocks
from leads.models import Lead
from people.models import User
from people.roles import Role
from people.tasks import deliver_notices
from reporting.tasks import follow_log
from tests.browser.watching import Complaints
from tests.factories import make_person, make_rep, route_everything_to
from tests.intake.factories import DEMO, TOUCHES, make_key
from tests.people.factories import FULL_DAY, make_calendar, make_team

PASSWORD = "a-good-password"
WITHOUT_SCRIPTS = pytest.mark.browser_context_args(java_script_enabled=False)
Arrive = Callable[..., Handoff]


@pytest.fixture
def complaints(page: Page) -> Complaints:
    return Complaints(page.context)


@pytest.fixture
def rep() -> User:
    """Make the only member of a team that is always open, so clocks run at any time of day."""
    rep = with_password(make_rep("Mia Hoffmann"))
    always_open = make_calendar(FULL_DAY, days=range(7))
    route_everything_to(make_team(rep, calendar=always_open))
    return rep


@pytest.fixture
def arrive(page: Page) -> Arrive:
    """Return a function that sends a touch with an API key, as a website does."""
    secret = make_key()

    def send(name: str, **fields: Any) -> Handoff:
        body = {**DEMO, "name": name, "email": f"{name.split()[0].lower()}@buyer.example", **fields}
        answer = page.request.post(
            TOUCHES, data=body, headers={"Authorization": f"Bearer {secret}"}
        )
        assert answer.status == 201, answer.text()
        assert (answer.json()["stage"], answer.json()["is_new"]) == ("mql", True)
        return Handoff.objects.get(pk=answer.json()["handoff"])

    return send


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in_by_hand(page: Page, user: User) -> None:
    page.goto("/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="your menu").wait_for()
    page.wait_for_load_state()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="your menu").click()
    page.get_by_role("button", name="Sign out").click()


def row_of(page: Page, name: str) -> Locator:
    return page.locator("[data-key-item]").filter(has_text=name)


def open_lead(page: Page, name: str) -> None:
    """Open a row by keyboard; once the lead is shown beside the list, its keys answer."""
    link = row_of(page, name).locator("[data-opens]")
    link.focus()
    link.press("Enter")
    expect_beside_the_list(page, name)


def expect_beside_the_list(page: Page, name: str) -> None:
    """And htmx has taken notice of its forms; before, they reload the page."""
    expect(page.locator("#work:not([aria-busy=true]) > :not(.htmx-added) h2")).to_have_text(name)


def state_of(handoff: Handoff) -> tuple[str, str]:
    handoff = Handoff.objects.select_related("lead").get(pk=handoff.pk)
    return handoff.state, handoff.lead.stage


def test_from_a_touch_to_a_number(
    page: Page, complaints: Complaints, rep: User, arrive: Arrive
) -> None:
    elodie = arrive("Elodie Dubois", stated_problem="Pallets get lost.")
    jonas, aiko, omar = arrive("Jonas Weber"), arrive("Aiko Tanaka"), arrive("Omar Haddad")

    sign_in_by_hand(page, rep)
    expect(page).to_have_url(re.compile("/inbox/$"))
    expect(page.locator("[data-key-item]")).to_have_count(4)
    expect(page.locator(".offers .countdown[data-state=on_time]")).to_have_count(4)
    expect(row_of(page, "Elodie").locator(".countdown")).to_have_text(re.compile("working.min"))
    expect_beside_the_list(page, "Elodie Dubois")

    open_lead(page, "Elodie Dubois")
    page.keyboard.press("a")
    expect(page.locator(".messages")).to_contain_text("Accepted Elodie Dubois.")
    expect_beside_the_list(page, "Jonas Weber")
    assert state_of(elodie) == ("accepted", "sal")

    page.keyboard.press("r")
    page.keyboard.press("2")
    expect_beside_the_list(page, "Aiko Tanaka")
    assert state_of(jonas) == ("rejected", "nurture")

    page.keyboard.press("e")
    page.get_by_role("checkbox", name="Phone").check()
    page.get_by_role("button", name="Return to marketing").click()
    expect_beside_the_list(page, "Omar Haddad")
    assert state_of(aiko) == ("cannot_evaluate", "engaged")
    aiko.refresh_from_db()
    assert "contact.has_phone" in aiko.missing_fields

    open_lead(page, "Elodie Dubois")
    page.keyboard.press("t")
    page.keyboard.press("1")
    expect(page.locator(".messages")).to_contain_text("Attempt logged.")
    expect(row_of(page, "Elodie")).to_contain_text("1 attempt")
    open_lead(page, "Elodie Dubois")
    page.get_by_role("button", name="Qualified").click()
    expect(page.locator(".messages")).to_contain_text("Lead moved to Sales qualified.")
    assert state_of(elodie) == ("accepted", "sql")
    assert state_of(omar) == ("offered", "mql")

    work_off_tasks()
    sign_out(page)
    sign_in_by_hand(page, with_password(make_person(Role.MARKETER, "Leo Winter")))
    expect(page).to_have_url(re.compile("/reports/sources/$"))
    figure = figure_of(page, "Website", "Source to SQL")
    expect(figure).to_contain_text("1 of 4")
    figure.get_by_role("link").click()
    assert names_behind(page) == ["Elodie Dubois"]

    page.get_by_role("link", name="Rejections").click()
    figure_of(page, "Website", "No budget or project canceled").get_by_role("link").click()
    assert names_behind(page) == ["Jonas Weber"]
    expect(page.get_by_role("cell", name="No budget or project canceled")).to_be_visible()
    assert complaints == []


def work_off_tasks() -> None:
    """Run what the worker runs every few seconds."""
    sweep_clocks()
    deliver_notices()
    follow_log()


def figure_of(page: Page, row: str, column: str) -> Locator:
    heads = page.locator("thead th").all_inner_texts()
    return page.get_by_role("row", name=row).locator("th, td").nth(heads.index(column))


def names_behind(page: Page) -> list[str]:
    page.wait_for_url("**/reports/leads/**")
    return page.locator("tbody th > a").all_inner_texts()


@WITHOUT_SCRIPTS
def test_a_lead_is_accepted_and_another_rejected_without_scripts(
    page: Page, complaints: Complaints, rep: User, arrive: Arrive
) -> None:
    elodie, jonas = arrive("Elodie Dubois"), arrive("Jonas Weber")
    sign_in_by_hand(page, rep)

    row_of(page, "Elodie").get_by_role("button", name="Accept").click()
    expect(page.locator(".messages")).to_contain_text("Accepted Elodie Dubois.")
    row_of(page, "Jonas").get_by_role("link").click()
    page.locator("summary", has_text="Reject").click()
    page.get_by_role("button", name="No budget").click()
    expect(
        page.get_by_text("Rejected Jonas Weber (No budget or project canceled).")
    ).to_be_visible()

    assert state_of(elodie) == ("accepted", "sal")
    assert state_of(jonas) == ("rejected", "nurture")
    assert complaints == []


def test_second_tab_shows_the_answer_of_the_first(
    page: Page, complaints: Complaints, rep: User, arrive: Arrive
) -> None:
    handoff = arrive("Elodie Dubois")
    sign_in_by_hand(page, rep)
    open_lead(page, "Elodie Dubois")
    other = page.context.new_page()
    other.goto(f"/leads/{handoff.lead_id}/")
    other.locator("summary", has_text="Reject").click()
    other.get_by_role("button", name="No budget").click()
    expect(other.get_by_text("Rejected Elodie Dubois")).to_be_visible()

    page.keyboard.press("a")

    expect(page.locator(".messages")).to_contain_text("This lead was already rejected")
    expect(page.get_by_text("You're all caught up")).to_be_visible()
    assert state_of(handoff) == ("rejected", "nurture")
    assert complaints == []


@pytest.mark.parametrize("status", [403, 500])
def test_failed_answer_shows_an_error_until_one_succeeds(
    page: Page, rep: User, arrive: Arrive, status: int
) -> None:
    handoff = arrive("Elodie Dubois")
    sign_in_by_hand(page, rep)
    banner = page.get_by_role("alert").filter(has_text="That did not work")
    page.route("**/accept/", lambda route: route.fulfill(status=status, body="Refused"))
    accept = row_of(page, "Elodie").get_by_role("button", name="Accept")

    accept.click()
    expect(banner).to_be_visible()
    assert state_of(handoff) == ("offered", "mql")
    with page.expect_response("**/inbox/*"):
        page.evaluate("htmx.trigger('[data-live]', 'refresh')")
    page.wait_for_load_state("networkidle")
    expect(banner).to_be_visible()

    page.unroute("**/accept/")
    accept.click()
    expect(page.locator(".messages")).to_contain_text("Accepted Elodie Dubois.")
    expect(banner).to_be_hidden()


def test_an_impatient_double_click_answers_once(
    page: Page, complaints: Complaints, rep: User, arrive: Arrive
) -> None:
    handoff = arrive("Elodie Dubois")
    sign_in_by_hand(page, rep)

    row_of(page, "Elodie").get_by_role("button", name="Accept").dblclick()
    expect(row_of(page, "Elodie").get_by_role("button", name="Accept")).to_have_count(0)

    assert state_of(handoff) == ("accepted", "sal")
    assert Lead.objects.get().events.filter(kind="accepted").count() == 1
    assert complaints == []


def test_inbox_refresh_keeps_the_focus(
    page: Page, complaints: Complaints, rep: User, arrive: Arrive
) -> None:
    arrive("Elodie Dubois")
    sign_in_by_hand(page, rep)
    button = row_of(page, "Elodie").get_by_role("button", name="Accept")
    button.focus()
    arrive("Jonas Weber")

    page.evaluate("htmx.ajax('GET', '/inbox/', {target: '#offers', swap: 'outerHTML'})")

    expect(page.locator("[data-key-item]")).to_have_count(2)
    expect(button).to_be_focused()
    assert complaints == []
