"""The pages of calendars: the week, who uses it, closed days; who may see them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from people.admin.calendar_editor.drawing import small_week, week_drawing
from people.calendars import edition_for, read
from people.models import CalendarWindow, ClosedDay, Team, User, WorkCalendar
from people.roles import Role
from people.worktime import Window
from people.worktime import WorkCalendar as WorkingTime
from tests.admin_pages import url_of
from tests.factories import make_person
from tests.pages import Page, inline_code_of, signed_in_as
from tests.people.factories import MONDAY_9AM, make_calendar, make_team, make_user
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

LIST = "admin:people_workcalendar_changelist"
ADD = "admin:people_workcalendar_add"
WEDNESDAY_10AM = datetime(2026, 11, 4, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _wednesday() -> object:
    with time_machine.travel(WEDNESDAY_10AM, tick=False):
        yield


def page_of(client: Client, calendar: WorkCalendar) -> Page:
    return Page(client.get(url_of(calendar)))


def test_page_says_how_a_change_takes_effect(client: Client, calendar: WorkCalendar) -> None:
    page = page_of(client, calendar)

    assert page.text(".page-head > div > p") == (
        "A change is live when it is saved. Timers that run keep the hours with which they started."
    )
    assert page.text("#change-title") == "No changes"
    assert page.text(".page-head > .badge") == "Open until Wed 5:00 PM"
    assert inline_code_of(page) == []


def test_week_is_drawn_in_the_zone_of_the_calendar() -> None:
    """At 10:00 UTC it is 19:00 in Tokyo. Tuesday there is Culture Day, and closed."""
    calendar = make_calendar((time(9), time(17)), zone="Asia/Tokyo", country="JP")
    CalendarWindow.objects.filter(calendar=calendar, weekday=4).update(
        opens=time(22), closes=time(6)
    )

    drawing = week_drawing(read(calendar, at=WEDNESDAY_10AM), WEDNESDAY_10AM)

    assert drawing.words == (
        "Mon 9:00 AM–5:00 PM. Tue Culture Day. Wed 9:00 AM–5:00 PM. Thu 9:00 AM–5:00 PM. "
        "Fri 10:00 PM–12:00 AM. Sat 12:00 AM–6:00 AM. Sun closed"
    )
    assert [day.day.day for day in drawing.days] == [2, 3, 4, 5, 6, 7, 8]
    assert [day.name for day in drawing.days if day.is_today] == ["Wed"]
    assert drawing.now_y == "79.17%"  # 19 of 24 hours
    monday = drawing.days[0].blocks[0]
    assert (monday.y, monday.height) == ("37.50%", "33.33%")  # 9 of 24 hours, 8 of 24 hours


def test_small_week_cuts_nights_at_midnight() -> None:
    blocks = small_week([Window(6, time(22), time(6)), Window(0, time(9), time())])

    assert [(block.x, block.y, block.height) for block in blocks] == [
        ("6.06", "22", "2"),
        ("0.06", "0", "6"),
        ("0.06", "9", "15"),
    ]


def test_holidays_and_own_closed_days_are_one_list(client: Client, calendar: WorkCalendar) -> None:
    WorkCalendar.objects.update(country="DE", region="BE")
    for day, name in (
        (date(2026, 11, 3), "Past"),
        (date(2026, 12, 24), "Half day"),
        (date(2026, 12, 25), "Move"),
        (date(2028, 1, 10), "Inventory"),
    ):
        ClosedDay.objects.create(calendar=calendar, day=day, name=name)

    page = page_of(client, calendar)

    rows = page.texts(".closed-days li")
    assert rows[:3] == [
        "Thu, Dec 24 Half day Remove Thu, Dec 24, Half day",
        "Fri, Dec 25 Move (Christmas Day) Remove Fri, Dec 25, Move",
        "Sat, Dec 26 Second Day of Christmas closed anyway",
    ]
    assert rows[3] == "Fri, Jan 1, 2027 New Year's Day public holiday"
    assert rows[-1] == "Mon, Jan 10, 2028 Inventory Remove Mon, Jan 10, 2028, Inventory"
    assert not any("Past" in row for row in rows)
    assert page.values("#calendar-country option[selected]") == ["DE"]
    assert page.texts("#calendar-region option[selected]") == ["Berlin"]


def test_page_lists_who_works_by_the_calendar(client: Client, calendar: WorkCalendar) -> None:
    own = make_calendar()
    make_team(make_user("Sam"), make_user("Nora", own), calendar=calendar, name="Europe")
    make_user("Lea", calendar)
    make_user("Left", calendar, is_active=False)

    page = page_of(client, calendar)

    used = page.texts("section[aria-labelledby=use-title] dd")
    teams = Team.objects.filter(calendar=calendar).order_by("name")
    assert used[0] == ", ".join(team.name for team in teams)
    assert used[1] == "Lea, Sam"
    assert url_of(User.objects.get(name="Sam")) in page.links()


def test_list_shows_each_calendar_in_words(client: Client, calendar: WorkCalendar) -> None:
    berlin = make_calendar(
        (time(9), time(17)), zone="Europe/Berlin", country="DE", region="BE", days=range(4)
    )
    make_team(make_user(), make_user(), calendar=berlin)
    WorkCalendar.objects.filter(pk=berlin.pk).update(name="Berlin")
    Team.objects.filter(calendar=calendar).update(calendar=berlin, is_active=False)

    page = Page(client.get(reverse(LIST)))

    first, second = page.all(".calendar-entry")
    assert first.css_first("h2").text(strip=True).startswith("Berlin")  # type: ignore[union-attr]
    assert page.texts(".calendar-entry .badge") == ["Open until Wed 5:00 PM"] * 2
    assert page.texts(".calendar-entry p")[:2] == [
        "Mon–Thu 9:00 AM–5:00 PM",
        "32 hours a week in Europe/Berlin",
    ]
    # Christmas Day is a Friday, on which it is closed anyway.
    assert page.texts(".calendar-entry dd") == [
        "Germany, Berlin",
        "Mon, Mar 8, 2027: Women's Day",
        "1 team, 2 people",
        "No public holidays",
        "No closed day ahead",
        "No team or person",
    ]
    assert len(first.css(".week-open")) == 4
    assert inline_code_of(page) == []
    assert second is not None


def test_list_takes_the_same_statements_for_more_calendars(client: Client) -> None:
    client.get(reverse(LIST))
    for number in range(3):
        make_team(make_user(), calendar=make_calendar((time(number), time(17)), country="DE"))

    with exactly_statements(6):
        client.get(reverse(LIST))


def test_page_takes_the_same_statements_for_more_rows(
    client: Client, calendar: WorkCalendar
) -> None:
    page_of(client, calendar)
    make_team(make_user(), make_user(), calendar=calendar)
    for day in range(1, 9):
        ClosedDay.objects.create(calendar=calendar, day=date(2026, 12, day), name="Closed")
    edition_for(calendar, at=MONDAY_9AM)

    with exactly_statements(11):
        page_of(client, calendar)


def test_new_calendar_starts_in_the_users_time_zone(client: Client, olga: User) -> None:
    User.objects.filter(pk=olga.pk).update(time_zone="America/Sao_Paulo")

    page = Page(client.get(reverse(ADD)))

    assert page.values("#calendar-time_zone option[selected]") == ["America/Sao_Paulo"]
    assert page.text("#calendar-change p:not(.soft)") == (
        "Open 40 hours a week: Mon–Fri 9:00 AM–5:00 PM."
    )


def test_handoff_owner_reads_and_does_not_edit(calendar: WorkCalendar) -> None:
    owner = signed_in_as(make_person(Role.HANDOFF_OWNER))

    page = page_of(owner, calendar)

    assert not page.has("#calendar-form")
    assert page.facts(".hours-read")["Monday"] == "9:00 AM–5:00 PM"
    assert page.facts(".hours-read")["Sunday"] == "Closed"
    assert owner.post(url_of(calendar), {"save": "yes", "name": "Mine"}).status_code == 403
    assert owner.get(reverse(ADD)).status_code == 403
    assert not Page(owner.get(reverse(LIST))).has(f'a[href="{reverse(ADD)}"]')


@pytest.mark.parametrize("role", [Role.REP, Role.SALES_MANAGER, Role.MARKETER, Role.LEADER])
def test_others_do_not_see_calendars(role: Role, calendar: WorkCalendar) -> None:
    person = signed_in_as(make_person(role))

    assert person.get(url_of(calendar)).status_code == 403
    assert person.get(reverse(LIST)).status_code == 403


def test_calendar_without_an_edition_is_listed(client: Client) -> None:
    WorkCalendar.objects.create(name="Raw")

    page = Page(client.get(reverse(LIST)))

    assert "Raw" in page.text(".calendars")


def test_calendar_that_is_always_open_says_so(client: Client) -> None:
    make_calendar((time(), time()), days=range(7))

    assert "Always open" in Page(client.get(reverse(LIST))).texts(".calendar-entry .badge")


def test_drawing_of_a_week_with_no_opening_left() -> None:
    value = WorkingTime("UTC", (Window(0, time(9), time(17)),), {date(2026, 11, 2): "Strike"})

    assert week_drawing(value, WEDNESDAY_10AM).words.startswith("Mon Strike. Tue closed.")
