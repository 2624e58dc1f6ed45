"""Tables in a browser: sort, filter, go back, select all and reassign, counted in clicks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from handoff.models import Handoff
from people.models import Absence, User
from people.roles import Role
from reporting.rollups.refresh import follow_log
from tests.browser.watching import Clicks, Complaints, sideways
from tests.factories import make_handoff, make_person, make_rep, route_everything_to
from tests.people.factories import FULL_DAY, make_calendar, make_team
from tests.reporting import history
from tests.reporting.history import HOUR, MONDAY
from tests.reporting.pages import NOON

SignIn = Callable[[User], Page]


@pytest.fixture
def manager() -> User:
    manager = make_person(Role.SALES_MANAGER, "Tom Berger")
    team = make_team(
        make_rep("Mia Hoffmann"),
        make_rep("Jon Hart"),
        name="North",
        manager=manager,
        calendar=make_calendar(FULL_DAY, days=range(7)),
    )
    route_everything_to(team)
    for name in ("Ada", "Ben", "Cleo", "Dan"):
        make_handoff(name=name, at=timezone.now())
    return manager


def names(page: Page) -> list[str]:
    return page.locator("tbody [data-key-focus]").all_inner_texts()


def test_list_sorts_filters_and_goes_back(sign_in: SignIn, manager: User) -> None:
    page = sign_in(manager)
    complaints = Complaints(page.context)
    page.goto("/leads/")

    page.get_by_role("link", name="Lead", exact=True).click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Lead")
    assert names(page) == ["Ada", "Ben", "Cleo", "Dan"]
    page.get_by_label("Stage").select_option("won")
    expect(page.get_by_text("No matching leads")).to_be_visible()
    expect(page).to_have_url("/leads/?stage=won&sort=name")
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(4)
    expect(page.get_by_label("Stage")).to_have_value("")
    page.locator("#id_q").fill("cleo")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url("/leads/?q=cleo&sort=name")

    assert complaints == []


def test_row_opens_its_lead_but_not_for_who_selects_text(sign_in: SignIn, manager: User) -> None:
    page = sign_in(manager)
    page.goto("/leads/?sort=name")
    company = page.locator("tbody tr").first.locator(".lead-company")

    box = company.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 1, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, middle, steps=4)
    page.mouse.up()
    expect(page).to_have_url("/leads/?sort=name")
    page.mouse.click(5, 5)
    company.click()

    expect(page.get_by_role("heading", name="Ada")).to_be_visible()


def test_all_leads_of_a_member_are_reassigned_in_three_clicks(
    sign_in: SignIn, manager: User
) -> None:
    mia = User.objects.get(name="Mia Hoffmann")
    page, clicks = sign_in(manager), Clicks()
    complaints = Complaints(page.context)
    page.goto(f"/team/?member={mia.pk}")
    expect(page.locator("#handoffs tbody tr")).to_have_count(2)

    clicks.on(page.get_by_label("Select all leads of this page"))
    expect(page.get_by_text("2 selected")).to_be_visible()
    clicks.on(page.get_by_role("button", name="Reassign", exact=True))
    expect(page.get_by_text("2 selected. Nothing has changed yet.")).to_be_visible()
    clicks.on(page.get_by_role("button", name="Reassign 2 to Jon Hart"))

    expect(page.get_by_text("2 leads reassigned to Jon Hart.")).to_be_visible()
    assert Handoff.objects.open().filter(owner__name="Jon Hart").count() == 4
    assert clicks.count == 3
    assert complaints == []


def test_time_off_with_cover_is_added_in_three_clicks(sign_in: SignIn, manager: User) -> None:
    page, clicks = sign_in(manager), Clicks()
    complaints = Complaints(page.context)
    page.goto("/team/")
    day = timezone.localdate().isoformat()
    form = page.locator("#time-off form")

    clicks.on(page.locator("#time-off summary"))
    choose(form.locator("[name=member]"), "Mia Hoffmann")
    for name in ("first_day", "last_day"):
        form.locator(f"[name={name}]").fill(day)
    choose(form.locator("[name=cover]"), "Jon Hart")
    clicks.on(form.get_by_role("button", name="Add time off"))

    expect(page.locator(".time-off-when")).to_contain_text("Jon Hart covers")
    absence = Absence.objects.get()
    assert (str(absence.user), str(absence.cover)) == ("Mia Hoffmann", "Jon Hart")
    assert clicks.count <= 3
    assert complaints == []


def choose(select: Locator, text: str) -> None:
    """Choose by typing, which takes no click."""
    select.focus()
    select.press_sequentially(text)
    expect(select.locator("option:checked")).to_contain_text(text)


def test_worst_campaign_is_on_top_after_one_click(sign_in: SignIn) -> None:
    rep = make_rep()
    for name, answers in {"Fine": "aa", "Worst": "ra", "Fair": "aar"}.items():
        campaign = history.make_campaign(name)
        for answer in answers:
            handoff = history.offer(history.make_lead(campaign=campaign), MONDAY + HOUR, user=rep)
            if answer == "a":
                history.accept(handoff, MONDAY + 2 * HOUR, rep)
            else:
                history.reject(handoff, MONDAY + 2 * HOUR, rep, "not_icp")
    follow_log(at=NOON)
    page, clicks = sign_in(make_person(Role.LEADER)), Clicks()
    page.goto("/reports/sources/?by=campaign&from=2026-03-01&to=2026-03-31")
    campaigns = page.locator("tbody th")

    clicks.on(page.get_by_role("link", name="Sales acceptance", exact=True))

    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Sales acceptance")
    assert [text.split()[0] for text in campaigns.all_inner_texts()] == ["Worst", "Fair", "Fine"]
    assert clicks.count == 1


def test_filters_work_without_scripts(
    manager: User, sign_in: SignIn, browser: Browser, site: str
) -> None:
    cookies = sign_in(manager).context.storage_state()
    context = browser.new_context(java_script_enabled=False, base_url=site, storage_state=cookies)
    page = context.new_page()
    page.goto("/leads/")

    page.locator("#id_q").fill("ben")
    page.get_by_role("button", name="Apply").click()

    expect(page).to_have_url(f"{site}/leads/?q=ben")
    assert names(page) == ["Ben"]
    expect(page.get_by_role("button", name="Reassign", exact=True)).to_be_visible()
    context.close()


def test_tables_scroll_within_themselves(sign_in: SignIn, manager: User) -> None:
    make_handoff(name="Maximiliane" * 15, company="Donaudampfschifffahrt" * 9, at=timezone.now())
    page = sign_in(manager)
    wide: dict[str, int] = {}

    for path in ("/leads/", "/team/"):
        page.goto(path)
        page.get_by_label("Select all leads of this page").click()
        wide |= sideways(page)
    page.get_by_role("button", name="Reassign", exact=True).click()
    expect(page.get_by_role("heading", name="Reassign leads")).to_be_visible()
    wide |= sideways(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/leads/")
    first = page.locator("tbody th").first
    before = first.bounding_box()
    page.locator(".table-wide").evaluate("element => { element.scrollLeft = 300 }")

    assert wide == {}
    after, region = first.bounding_box(), page.locator(".table-wide").bounding_box()
    assert before is not None
    assert after is not None
    assert region is not None
    # The box before it scrolls away, and the name stays at the edge.
    assert region["x"] <= after["x"] <= before["x"]
