"""Opening hours changed by keyboard in two clicks, and the pages of calendars on every screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

import pytest
from playwright.sync_api import Locator, Page, expect

from config.bootstrap import bootstrap
from people.calendars import edition_for
from people.models import ClosedDay, User, WorkCalendar
from people.roles import Role
from tests.browser.axe import violations
from tests.browser.watching import Complaints, sideways
from tests.factories import make_person
from tests.people.factories import MONDAY_9AM, make_calendar, make_team, make_user

SignIn = Callable[[User], Page]


@pytest.fixture
def olga() -> User:
    bootstrap(at=MONDAY_9AM)
    return make_person(Role.OPERATIONS, "Olga")


@pytest.fixture
def calendar(olga: User) -> WorkCalendar:
    return WorkCalendar.objects.get()


def address(calendar: WorkCalendar) -> str:
    return f"/admin/people/workcalendar/{calendar.pk}/change/"


def opening(calendar: WorkCalendar) -> list[time]:
    rows = calendar.windows.order_by("weekday", "opens")
    return list(rows.values_list("opens", flat=True))


def test_hours_of_a_day_are_changed_in_two_clicks(
    sign_in: SignIn, olga: User, calendar: WorkCalendar
) -> None:
    page = sign_in(olga)
    complaints = Complaints(page.context)
    page.goto(address(calendar))
    clicks: list[Locator] = []

    def click(target: Locator) -> None:
        target.click()
        clicks.append(target)

    monday = page.get_by_label("Monday opens", exact=True)
    click(monday)
    monday.fill("8")
    monday.press("Tab")
    expect(page.get_by_text("Opens at 8:00 AM instead of 9:00 AM, Mon")).to_be_visible()
    expect(page.get_by_label("Monday closes", exact=True)).to_be_focused()
    click(page.get_by_role("button", name="Save"))

    expect(page.get_by_text("Saved and live.")).to_be_visible()
    assert len(clicks) == 2
    assert opening(calendar)[:2] == [time(8), time(9)]
    assert complaints == []


def test_week_is_changed_by_keyboard_alone(
    sign_in: SignIn, olga: User, calendar: WorkCalendar
) -> None:
    page = sign_in(olga)
    complaints = Complaints(page.context)
    page.goto(address(calendar))
    status = page.locator("#calendar-said")

    page.get_by_label("Monday opens", exact=True).focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("8:30 am")
    page.keyboard.press("Enter")
    expect(status).to_have_text("1 change, not saved")
    expect(page.get_by_label("Monday opens", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#hours-0-more")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Copy to Mon–Fri (Monday)")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Friday opens", exact=True)).to_have_value("8:30 am")
    expect(page.get_by_role("button", name="Copy to Mon–Fri (Monday)")).to_be_focused()

    day = page.get_by_label("Closed on")
    day.fill("2030-12-24")
    page.get_by_label("Name", exact=True).first.fill("Company holiday")
    page.keyboard.press("Tab")
    expect(page.locator(".closed-days")).to_contain_text("Company holiday")
    expect(status).to_have_text("2 changes, not saved")
    save = page.get_by_role("button", name="Save")
    save.focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("Saved and live.")).to_be_visible()
    assert opening(calendar) == [time(8, 30)] * 5
    assert ClosedDay.objects.get().day == date(2030, 12, 24)
    assert complaints == []


def test_night_is_asked_about_where_it_is_typed(
    sign_in: SignIn, olga: User, calendar: WorkCalendar
) -> None:
    page = sign_in(olga)
    page.goto(address(calendar))

    page.get_by_label("Saturday opens", exact=True).fill("10 pm")
    page.get_by_label("Saturday closes", exact=True).fill("6 am")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Select the next day if it runs into the next day.")).to_be_visible()
    page.get_by_label("the next day (Saturday)").check()

    expect(page.get_by_text("Open 10:00 PM–6:00 AM the next day instead of closed")).to_be_visible()
    assert calendar.windows.filter(weekday=5).count() == 0


def test_calendars_fit_every_screen_and_pass_axe(
    sign_in: SignIn, olga: User, calendar: WorkCalendar
) -> None:
    long = make_calendar(
        (time(8), time(12)), (time(13), time(18)), zone="Europe/Berlin", country="DE", region="BY"
    )
    WorkCalendar.objects.filter(pk=long.pk).update(name="Donaudampfschifffahrtsgesellschaft" * 2)
    ClosedDay.objects.create(calendar=long, day=date(2030, 12, 24), name="Weihnachten" * 9)
    edition_for(long, at=MONDAY_9AM)
    make_team(*(make_user() for _ in range(20)), calendar=long)
    page = sign_in(olga)
    complaints = Complaints(page.context)

    for path in (
        "/admin/people/workcalendar/",
        "/admin/people/workcalendar/add/",
        address(calendar),
        address(long),
    ):
        page.goto(path)
        assert sideways(page, narrowest=390) == {}
        assert violations(page) == []
    assert complaints == []


def test_wrong_and_opened_parts_pass_axe(
    sign_in: SignIn, olga: User, calendar: WorkCalendar
) -> None:
    page = sign_in(olga)
    page.goto(address(calendar))
    page.locator("#hours-2-more").click()
    page.get_by_label("Monday opens", exact=True).fill("soon")
    page.keyboard.press("Tab")
    expect(page.get_by_text("“soon” is not a time.")).to_be_visible()

    assert violations(page) == []
    page.get_by_label("Monday opens", exact=True).fill("8")
    page.keyboard.press("Tab")
    expect(page.get_by_text("1 change, not saved").first).to_be_visible()
    assert violations(page) == []


def test_page_of_a_calendar_is_short_on_a_phone(
    sign_in: SignIn, olga: User, calendar: WorkCalendar
) -> None:
    WorkCalendar.objects.update(country="DE", region="BY")
    page = sign_in(olga)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address(calendar))

    assert page.evaluate("document.scrollingElement.scrollHeight") < 3000
