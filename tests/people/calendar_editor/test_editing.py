"""A calendar is edited on its page: what would change is said before, and changes are merged."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from people.models import CalendarEdition, ClosedDay, User, WorkCalendar
from people.roles import Role
from tests.admin_pages import url_of
from tests.factories import make_handoff, make_person
from tests.pages import Page, htmx, messages_of, signed_in_as
from tests.people.calendar_editor.sending import filled_in
from tests.people.factories import make_team, make_user
from tests.statements import exactly_statements

ADD = "admin:people_workcalendar_add"
SAVE = {"save": "yes"}
WEDNESDAY_10AM = datetime(2026, 11, 4, 10, tzinfo=UTC)
EARLIER = {f"{day}-0-opens": "8" for day in range(5)}


@pytest.fixture(autouse=True)
def _wednesday() -> object:
    with time_machine.travel(WEDNESDAY_10AM, tick=False):
        yield


@pytest.fixture
def sent(client: Client, calendar: WorkCalendar) -> dict[str, Any]:
    return filled_in(Page(client.get(url_of(calendar))))


def hours(calendar: WorkCalendar, weekday: int) -> list[tuple[time, time]]:
    rows = calendar.windows.filter(weekday=weekday).order_by("opens")
    return list(rows.values_list("opens", "closes"))


def test_change_is_said_before_it_is_saved(
    client: Client, calendar: WorkCalendar, sent: dict[str, Any]
) -> None:
    make_team(make_user(), make_user(), calendar=calendar)

    page = Page(client.post(url_of(calendar), sent | EARLIER, **htmx("editor")))

    assert page.text("#calendar-said") == "1 change, not saved"
    assert page.texts("#calendar-change li") == [
        "Opens at 8:00 AM instead of 9:00 AM, Mon–Fri: 5 more hours a week"
    ]
    assert page.texts("#calendar-change .card-foot p") == [
        "2 people work by this calendar. No timer is running in it.",
        "A lead that is offered on Wed 2:00 PM and has 4 working hours would be due "
        "Thu 9:00 AM instead of Thu 10:00 AM.",
    ]
    assert page.has(".week-before")
    assert hours(calendar, 0) == [(time(9), time(17))]


def test_change_is_said_without_javascript(
    client: Client, calendar: WorkCalendar, sent: dict[str, Any]
) -> None:
    page = Page(client.post(url_of(calendar), sent | EARLIER | {"preview": "yes"}))

    assert page.status == 200
    assert page.text("#change-title") == "1 change, not saved"
    assert page.values("#hours-0-0-opens") == ["8"]
    assert hours(calendar, 0) == [(time(9), time(17))]


def test_saved_change_is_live_and_says_what_it_changed(
    client: Client, calendar: WorkCalendar, sent: dict[str, Any]
) -> None:
    before = calendar.current_edition_id

    answer = client.post(url_of(calendar), sent | EARLIER | SAVE)

    assert answer.status_code == 302
    calendar.refresh_from_db()
    assert hours(calendar, 0) == [(time(8), time(17))]
    assert calendar.current_edition is not None
    assert calendar.current_edition_id != before
    assert calendar.current_edition.value["windows"][0] == [0, "08:00:00", "17:00:00"]
    [message] = messages_of(client.get(url_of(calendar)))
    assert message == (
        "Saved and live. "
        "Opens at 8:00 AM instead of 9:00 AM, Mon–Fri: 5 more hours a week. "
        "No one works by this calendar yet. No timer is running in it. "
        "A lead that is offered on Wed 2:00 PM and has 4 working hours would be due "
        "Thu 9:00 AM instead of Thu 10:00 AM. "
        "Open 45 hours a week: Mon–Fri 8:00 AM–5:00 PM."
    )


def test_running_timers_keep_their_hours(
    client: Client, calendar: WorkCalendar, sent: dict[str, Any]
) -> None:
    handoff = make_handoff(at=WEDNESDAY_10AM)
    timers = handoff.clocks.filter(stopped_at=None)
    assert {clock.calendar.calendar for clock in timers} == {calendar}  # type: ignore[union-attr]
    due = list(timers.order_by("pk").values_list("due_at", "calendar"))

    client.post(url_of(calendar), sent | EARLIER | SAVE)

    [message] = messages_of(client.get(url_of(calendar)))
    assert f"{len(due)} running timer" in message
    assert "the hours with which" in message
    assert list(timers.order_by("pk").values_list("due_at", "calendar")) == due


def test_unchanged_calendar_is_not_written(
    client: Client, calendar: WorkCalendar, sent: dict[str, Any]
) -> None:
    editions = CalendarEdition.objects.count()
    windows = list(calendar.windows.order_by("pk").values_list("pk"))

    client.post(url_of(calendar), sent | SAVE)

    assert messages_of(client.get(url_of(calendar))) == ["Nothing changed."]
    assert list(calendar.windows.order_by("pk").values_list("pk")) == windows
    assert CalendarEdition.objects.count() == editions


@pytest.mark.parametrize(
    ("typed", "weekdays", "expected"),
    [
        ({"0-0-opens": "closed", "0-0-closes": ""}, [0], []),
        ({"0-0-opens": "", "0-0-closes": ""}, [0], []),
        ({"5-0-opens": "24 hours"}, [5], [(time(), time())]),
        ({"5-0-opens": "22", "5-0-closes": "6", "5-0-next": "yes"}, [5], [(time(22), time(6))]),
        ({"0-0-closes": "24:00"}, [0], [(time(9), time())]),
        (
            {"0-0-closes": "noon", "0-1-opens": "1 pm", "0-1-closes": "5 pm"},
            [0],
            [(time(9), time(12)), (time(13), time(17))],
        ),
    ],
)
def test_typed_hours_are_saved(
    client: Client,
    calendar: WorkCalendar,
    sent: dict[str, Any],
    typed: dict[str, str],
    weekdays: list[int],
    expected: list[tuple[time, time]],
) -> None:
    assert client.post(url_of(calendar), sent | typed | SAVE).status_code == 302

    for weekday in weekdays:
        assert hours(calendar, weekday) == expected
    assert hours(calendar, 1) == [(time(9), time(17))]


@pytest.mark.parametrize(
    ("action", "weekdays", "expected"),
    [
        ("copy-0", range(5), ["8"]),
        ("copyall-0", range(7), ["8"]),
        ("open-6", [6], ["24 hours"]),
        ("close-1", [1], [""]),
    ],
)
def test_buttons_of_a_day_change_the_form_only(
    client: Client,
    calendar: WorkCalendar,
    sent: dict[str, Any],
    action: str,
    weekdays: list[int],
    expected: list[str],
) -> None:
    typed = {"0-0-opens": "8", "do": action}

    page = Page(client.post(url_of(calendar), sent | typed))

    for weekday in weekdays:
        assert page.values(f"#hours-{weekday}-0-opens") == expected
    assert page.values(".hours-more[open] button", "value")[0].endswith(action[-2:])
    assert hours(calendar, 1) == [(time(9), time(17))]


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (
            {"0-0-opens": "09:00", "0-0-closes": "09:00"},
            "This is not after 9:00 AM. Select the next day if it is open for 24 hours.",
        ),
        (
            {"0-0-opens": "16:00", "0-0-closes": "12:00 PM"},
            "This is not after 4:00 PM. Select the next day if it runs into the next day.",
        ),
        (
            {"0-0-opens": "16:00", "0-0-closes": "12:00", "0-0-next": "yes"},
            "Monday 4:00 PM to 12:00 PM and Tuesday 9:00 AM to 5:00 PM overlap. "
            "Change or delete one of them.",
        ),
        ({"0-0-opens": "soon"}, "“soon” is not a time. Enter one such as 9:00 AM or 17:30."),
        (
            {"0-1-opens": "9", "0-1-closes": "11"},
            "Two rows open at the same time. Change or clear one of them.",
        ),
        (
            {"0-0-closes": ""},
            "Enter when it closes, or clear the row if it is closed.",
        ),
    ],
)
def test_wrong_hours_are_refused_beside_them(
    client: Client,
    calendar: WorkCalendar,
    sent: dict[str, Any],
    typed: dict[str, str],
    error: str,
) -> None:
    page = Page(client.post(url_of(calendar), sent | typed | SAVE))

    assert page.status == 422
    assert error in page.texts(".hours-day:first-child .field-error")
    assert page.values("#hours-0-0-opens") == [typed.get("0-0-opens", "9:00 AM")]
    assert page.text("#change-title") == "Not complete"
    assert hours(calendar, 0) == [(time(9), time(17))]


def test_calendar_that_never_opens_is_refused(
    client: Client, calendar: WorkCalendar, sent: dict[str, Any]
) -> None:
    closed = {f"{day}-0-{end}": "" for day in range(5) for end in ("opens", "closes")}

    page = Page(client.post(url_of(calendar), sent | closed | SAVE))

    assert page.text("#editor .message-error") == "Add at least one period of opening hours."
    assert calendar.windows.count() == 5


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"country": "XX"}, "There is no holiday list for “XX”."),
        ({"region": "TEXAS"}, "“TEXAS” is not a region of this country."),
        ({"name": " "}, "Enter a name."),
        ({"time_zone": "Mars/Base"}, "Select a valid choice."),
        ({"new-day": "2026-12-24"}, "Enter a name, such as Company holiday."),
        ({"new-name": "Party"}, "Enter the day."),
        (
            {"new-day": "2026-12-24", "new-last_day": "2026-12-20", "new-name": "Party"},
            "The last day is before the first.",
        ),
        (
            {"new-day": "2026-12-24", "new-last_day": "2027-12-20", "new-name": "Party"},
            "Close at most 60 days at once.",
        ),
    ],
)
def test_wrong_setting_is_refused_beside_it(
    client: Client,
    calendar: WorkCalendar,
    sent: dict[str, Any],
    typed: dict[str, str],
    error: str,
) -> None:
    page = Page(client.post(url_of(calendar), sent | typed | SAVE))

    assert page.status == 422
    [shown] = page.texts(".field .field-error")
    assert shown.startswith(error)
    calendar.refresh_from_db()
    assert (calendar.country, calendar.region, calendar.time_zone) == ("", "", "UTC")
    assert calendar.closed_days.count() == 0


def test_name_of_another_calendar_is_refused(client: Client, calendar: WorkCalendar) -> None:
    sent = filled_in(Page(client.get(reverse(ADD)))) | {"name": calendar.name}

    page = Page(client.post(reverse(ADD), sent | SAVE))

    assert page.texts(".field .field-error") == ["Another calendar has this name."]
    assert WorkCalendar.objects.count() == 1


def test_holidays_are_chosen_by_name(
    client: Client, calendar: WorkCalendar, sent: dict[str, Any]
) -> None:
    shown = Page(client.post(url_of(calendar), sent | {"country": "DE"}, **htmx("editor")))
    assert "Bayern" in shown.texts("#calendar-region option")
    assert "9 public holidays in 12 months instead of 0." in shown.texts("#calendar-change p")

    client.post(url_of(calendar), filled_in_part(shown) | {"region": "BY"} | SAVE)

    calendar.refresh_from_db()
    assert (calendar.country, calendar.region) == ("DE", "BY")
    assert calendar.current_edition is not None
    assert calendar.current_edition.value["closed"]["2026-12-25"] == "Christmas Day"


def test_region_of_another_country_is_dropped(
    client: Client, calendar: WorkCalendar, sent: dict[str, Any]
) -> None:
    WorkCalendar.objects.update(country="DE", region="BY")
    sent = filled_in(Page(client.get(url_of(calendar))))

    client.post(url_of(calendar), sent | {"country": "FR"} | SAVE)

    calendar.refresh_from_db()
    assert (calendar.country, calendar.region) == ("FR", "")


def filled_in_part(page: Page) -> dict[str, Any]:
    """Return the fields of the part that htmx swaps, which has no form around it."""
    page.html = f'<form id="calendar-form">{page.html}</form>'
    page.tree = type(page.tree)(page.html)
    return filled_in(page)


def test_closed_days_are_added_and_removed(
    client: Client, calendar: WorkCalendar, sent: dict[str, Any]
) -> None:
    new = {"new-day": "2026-12-24", "new-last_day": "2026-12-26", "new-name": "Christmas closing"}
    shown = Page(client.post(url_of(calendar), sent | new))
    assert shown.values("[name=new-name]") in ([], [""])
    assert shown.texts(".closed-days .badge") == ["Not saved"] * 3
    typed = filled_in(shown) | {"remove": ["2026-12-26"]}

    assert client.post(url_of(calendar), typed | SAVE).status_code == 302

    rows = ClosedDay.objects.order_by("day").values_list("day", "name")
    assert list(rows) == [
        (date(2026, 12, 24), "Christmas closing"),
        (date(2026, 12, 25), "Christmas closing"),
    ]
    calendar.refresh_from_db()
    assert "2026-12-24" in calendar.current_edition.value["closed"]  # type: ignore[union-attr]
    again = filled_in(Page(client.get(url_of(calendar)))) | {"remove": ["2026-12-24"]}
    removing = Page(client.post(url_of(calendar), again))
    assert removing.texts("#calendar-change li") == [
        "No longer closed on Thu, Dec 24, 2026: Christmas closing"
    ]
    assert removing.has(".closed-removed")
    client.post(url_of(calendar), again | SAVE)
    assert [row.day.day for row in ClosedDay.objects.all()] == [25]


def test_wrong_hours_lose_nothing_else_that_was_typed(
    client: Client, calendar: WorkCalendar, sent: dict[str, Any]
) -> None:
    new = {"new-day": "2026-12-24", "new-name": "Party", "country": "DE"}
    typed = filled_in(Page(client.post(url_of(calendar), sent | EARLIER | new)))

    page = Page(client.post(url_of(calendar), typed | {"6-0-opens": "soon"}))

    assert "Thu, Dec 24 Party Not saved Remove Thu, Dec 24, Party" in page.texts(".closed-days li")
    assert "Fri, Dec 25 Christmas Day public holiday" in page.texts(".closed-days li")
    assert page.values("#hours-0-0-opens") == ["8"]
    mended = filled_in(page) | {"6-0-opens": ""}
    assert client.post(url_of(calendar), mended | SAVE).status_code == 302
    assert ClosedDay.objects.get().name == "Party"
    assert hours(calendar, 0) == [(time(8), time(17))]


def test_calendar_that_could_not_be_saved_today_is_mended(
    client: Client, calendar: WorkCalendar
) -> None:
    """As of an older list of holidays, or of rows that were written without the product."""
    WorkCalendar.objects.update(country="XX")
    calendar.windows.all().delete()
    page = Page(client.get(url_of(calendar)))
    assert page.values("#calendar-country option[selected]") == ["XX"]
    sent = filled_in(page)

    refused = Page(client.post(url_of(calendar), sent | {"0-0-opens": "9", "0-0-closes": "17"}))
    assert refused.texts(".field .field-error") == ["There is no holiday list for “XX”."]
    mended = sent | {"0-0-opens": "9", "0-0-closes": "17", "country": ""}
    assert client.post(url_of(calendar), mended | SAVE).status_code == 302

    assert hours(calendar, 0) == [(time(9), time(17))]
    [message] = messages_of(client.get(url_of(calendar)))
    assert "Open 9:00 AM–5:00 PM instead of closed, Mon: 8 more hours a week." in message


def test_closed_days_of_the_past_are_kept(client: Client, calendar: WorkCalendar) -> None:
    ClosedDay.objects.create(calendar=calendar, day=date(2026, 1, 2), name="Bridge day")
    sent = filled_in(Page(client.get(url_of(calendar))))

    client.post(url_of(calendar), sent | EARLIER | SAVE)

    assert ClosedDay.objects.get().name == "Bridge day"


def test_changes_of_two_editors_are_both_kept(
    client: Client, calendar: WorkCalendar, sent: dict[str, Any]
) -> None:
    theirs = sent | {"1-0-opens": "10", "new-day": "2026-12-24", "new-name": "Party"} | SAVE
    assert client.post(url_of(calendar), theirs).status_code == 302

    client.post(url_of(calendar), sent | {"0-0-opens": "8"} | SAVE)

    assert [hours(calendar, day)[0][0] for day in range(3)] == [time(8), time(10), time(9)]
    assert ClosedDay.objects.get().name == "Party"
    message = messages_of(client.get(url_of(calendar)))[-1]
    assert "Opens at 8:00 AM instead of 9:00 AM, Mon:" in message
    assert message.endswith("Changes of another user, saved meanwhile, are kept.")


def test_page_shows_what_another_user_saved_meanwhile(
    client: Client, calendar: WorkCalendar, sent: dict[str, Any]
) -> None:
    client.post(url_of(calendar), sent | {"1-0-opens": "10", "name": "Office"} | SAVE)

    page = Page(client.post(url_of(calendar), sent | {"0-0-opens": "8"}))

    assert page.values("#hours-1-0-opens") == ["10:00 AM"]
    assert page.values("#calendar-name") == ["Office"]
    assert page.text("#change-title") == "1 change, not saved"


def test_change_of_the_same_day_is_shown_before_it_is_replaced(
    client: Client, calendar: WorkCalendar, sent: dict[str, Any]
) -> None:
    client.post(url_of(calendar), sent | {"0-0-opens": "10"} | SAVE)
    mine = sent | {"0-0-opens": "8"}

    page = Page(client.post(url_of(calendar), mine | SAVE))

    assert page.status == 422
    assert "Another user changed this meanwhile" in page.text(".hours-day:first-child .field-error")
    assert page.texts("#calendar-change li") == [
        "Opens at 8:00 AM instead of 10:00 AM, Mon: 2 more hours a week"
    ]
    assert hours(calendar, 0) == [(time(10), time(17))]
    assert client.post(url_of(calendar), filled_in(page) | SAVE).status_code == 302
    assert hours(calendar, 0) == [(time(8), time(17))]


def test_conflict_brings_back_nothing_that_another_user_removed(
    client: Client, calendar: WorkCalendar
) -> None:
    ClosedDay.objects.create(calendar=calendar, day=date(2026, 12, 24), name="Party")
    sent = filled_in(Page(client.get(url_of(calendar))))
    theirs = sent | {"0-0-opens": "10", "remove": "2026-12-24"}
    assert client.post(url_of(calendar), theirs | SAVE).status_code == 302

    page = Page(client.post(url_of(calendar), sent | {"0-0-opens": "8"} | SAVE))
    assert client.post(url_of(calendar), filled_in(page) | SAVE).status_code == 302

    assert hours(calendar, 0) == [(time(8), time(17))]
    assert not ClosedDay.objects.exists()


def test_conflict_stays_in_sight_until_it_is_saved(
    client: Client, calendar: WorkCalendar, sent: dict[str, Any]
) -> None:
    client.post(url_of(calendar), sent | {"0-0-opens": "10"} | SAVE)

    page = Page(client.post(url_of(calendar), sent | {"0-0-opens": "8"}))
    page = Page(client.post(url_of(calendar), filled_in(page) | {"4-0-closes": "15:00"}))

    assert "Another user changed this meanwhile" in page.text(".hours-day:first-child .field-error")
    assert client.post(url_of(calendar), filled_in(page) | SAVE).status_code == 422


def test_calendar_is_added(client: Client) -> None:
    sent = filled_in(Page(client.get(reverse(ADD)))) | {
        "name": "Berlin",
        "time_zone": "Europe/Berlin",
        "4-0-closes": "15:00",
    }

    answer = client.post(reverse(ADD), sent | SAVE)

    berlin = WorkCalendar.objects.get(name="Berlin")
    assert answer.url == url_of(berlin)  # type: ignore[attr-defined]
    assert hours(berlin, 4) == [(time(9), time(15))]
    assert berlin.current_edition is not None
    assert messages_of(client.get(url_of(berlin))) == [
        "Berlin is saved. Open 38 hours a week: Mon–Thu 9:00 AM–5:00 PM; Fri 9:00 AM–3:00 PM. "
        "Choose it for teams and users."
    ]


def test_new_calendar_may_get_its_name_last(client: Client) -> None:
    sent = filled_in(Page(client.get(reverse(ADD)))) | {"0-0-opens": "8"}

    page = Page(client.post(reverse(ADD), sent, **htmx("editor")))

    assert page.texts(".field-error") == []
    assert "Open 41 hours a week: Mon 8:00 AM–5:00 PM; Tue–Fri 9:00 AM–5:00 PM." in page.texts(
        "#calendar-change p"
    )


@pytest.mark.django_db(transaction=True)
def test_history_says_who_changed_what(
    client: Client, calendar: WorkCalendar, sent: dict[str, Any]
) -> None:
    new = {"new-day": "2026-12-24", "new-name": "Party"}
    client.post(url_of(calendar), sent | EARLIER | new | SAVE)
    ben = signed_in_as(make_person(Role.OPERATIONS, "Ben"))
    later = filled_in(Page(ben.get(url_of(calendar)))) | {
        "name": "Office",
        "country": "DE",
        "6-0-opens": "24 hours",
        "remove": ["2026-12-24"],
    }
    ben.post(url_of(calendar), later | SAVE)

    page = Page(client.get(url_of(calendar)))

    entries = page.all(".calendar-history > li")
    heads = page.texts(".calendar-history > li > p")
    assert [head.split(" · ")[1:] for head in heads] == [["Ben"], ["Olga"], []]
    assert [node.text() for node in entries[0].css("ul li")] == [
        f"Named “Office” instead of “{calendar.name}”",
        "Closed on the public holidays of Germany",
        "Open 24 hours instead of closed, Sun: 24 more hours a week",
        "No longer closed on Thu, Dec 24, 2026: Party",
    ]
    assert [node.text() for node in entries[1].css("ul li")] == [
        "Opens at 8:00 AM instead of 9:00 AM, Mon–Fri: 5 more hours a week",
        "Closed on Thu, Dec 24, 2026: Party",
    ]
    assert entries[2].css_first("ul li").text() == "Calendar added"  # type: ignore[union-attr]


def test_saving_takes_few_statements(
    client: Client, calendar: WorkCalendar, sent: dict[str, Any]
) -> None:
    client.get(url_of(calendar))

    with exactly_statements(20):
        client.post(url_of(calendar), sent | EARLIER | SAVE)


def test_calendar_in_use_is_not_deleted_and_says_why(calendar: WorkCalendar) -> None:
    make_user("Lea", calendar)
    root = User.objects.create_superuser("root@example.com", "secret-word-9", name="Root")
    client, url = signed_in_as(root), url_of(calendar).replace("change", "delete")

    answer = client.post(url, {"post": "yes"})

    assert answer.status_code == 302
    [message] = messages_of(client.get(url_of(calendar)))
    assert message == (
        f"{calendar} was not deleted. 2 teams and 1 user have it. "
        "Choose another calendar for them. "
        "SLA timers explain their due times by its hours, so they are kept."
    )
    assert WorkCalendar.objects.filter(pk=calendar.pk).exists()
    foot = Page(client.get(url_of(calendar))).texts("section[aria-labelledby=use-title] .card-foot")
    assert foot[-1].startswith("It cannot be deleted. 2 teams and 1 user have it.")


def test_operations_cannot_delete_calendars(client: Client, calendar: WorkCalendar) -> None:
    url = url_of(calendar).replace("change", "delete")

    assert client.post(url, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    "sent",
    [
        {"base": "[]"},
        {"base": "{"},
        {"base": '{"hours-0": 7, "closed-x": "y"}'},
        {"closed-2026-13-45": "x", "remove": "yesterday"},
        {"closed-2026-12-24": "\0"},
        {"do": "copy-9"},
        {"do": "burn"},
        {"new-day": "0001-01-01", "new-last_day": "9999-12-31", "new-name": "x"},
        {"0-0-opens": "9" * 3000},
    ],
)
def test_anything_may_be_sent(client: Client, calendar: WorkCalendar, sent: dict[str, str]) -> None:
    for button in ({}, SAVE):
        assert client.post(url_of(calendar), sent | button).status_code in {200, 302, 422}

    assert calendar.windows.count() == 5
