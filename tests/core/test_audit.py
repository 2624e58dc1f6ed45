from datetime import time

import pytest
from django.db import connection

from core.audit import audit_entries
from core.formatting import DateStyle, Formats, shown_in
from core.history import recorded_for
from people.models import CalendarWindow, Team, User, WorkCalendar
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db


def make_calendar() -> WorkCalendar:
    return WorkCalendar.objects.create(name="Days")


def summaries(calendar: WorkCalendar) -> list[tuple[str, list[str]]]:
    return [(entry.summary, entry.details) for entry in audit_entries(calendar)]


def test_entries_show_old_and_new_values_newest_first() -> None:
    calendar = make_calendar()

    calendar.name, calendar.country = "Office", "DE"
    calendar.save()

    assert summaries(calendar) == [
        ("work calendar “Office” changed", ["name: Days → Office", "country: nothing → DE"]),
        ("work calendar “Days” added", []),
    ]


@pytest.mark.parametrize(
    ("style", "detail"),
    [
        (DateStyle.MONTH_FIRST, "opens: 9:00 AM → 1:30 PM"),
        (DateStyle.DAY_FIRST, "opens: 09:00 → 13:30"),
    ],
)
def test_times_in_entries_follow_the_reader(style: DateStyle, detail: str) -> None:
    calendar = make_calendar()
    opening = CalendarWindow(calendar=calendar, weekday=0, opens=time(9), closes=time(17))
    opening.save()
    opening.opens = time(13, 30)
    opening.save()

    with shown_in(Formats(dates=style)):
        [changed, *_] = audit_entries(calendar)

    assert changed.details == [detail]


@pytest.mark.parametrize("table", ["people_workcalendarevent", "people_calendarwindowevent"])
def test_entries_include_rows_that_belong_to_it(table: str) -> None:
    with connection.cursor() as cursor:  # in either table, numbers may be the larger ones
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'pgh_id'), 1000000)", [table])
    calendar = make_calendar()
    opening = CalendarWindow(calendar=calendar, weekday=0, opens=time(9), closes=time(17))
    opening.save()

    opening.delete()

    assert [entry.summary for entry in audit_entries(calendar)] == [
        "calendar window removed",
        "calendar window added",
        "work calendar “Days” added",
    ]


def test_entries_leave_out_rows_that_only_refer_to_it() -> None:
    calendar = make_calendar()

    Team.objects.create(name="Inbound", calendar=calendar)

    assert len(audit_entries(calendar)) == 1


def test_entry_names_its_user_or_the_system() -> None:
    operator = User.objects.create_user("ops@example.com", name="Ops")
    calendar = make_calendar()

    with recorded_for(user_id=operator.pk, path="/admin/"):
        WorkCalendar.objects.filter(pk=calendar.pk).update(name="Office")

    assert [entry.by for entry in audit_entries(calendar)] == ["Ops", "the system"]


def test_only_users_who_made_a_change_are_read() -> None:
    calendar = make_calendar()
    users = [User.objects.create_user(f"{name}@example.com", name=name) for name in ("Ana", "Bo")]
    for number, user in enumerate(users):
        with recorded_for(user_id=user.pk, path="/admin/"):
            WorkCalendar.objects.filter(pk=calendar.pk).update(name=f"Office {number}")

    # Events of the calendar, its openings, closed days and editions, and the names.
    with exactly_statements(4):
        assert [entry.by for entry in audit_entries(calendar)] == ["Bo", "Ana", "the system"]
