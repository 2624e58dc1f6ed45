"""People, teams and calendars for tests; each reaches its state the way the product does."""

from datetime import UTC, date, datetime, time
from itertools import count

from django.contrib.auth.models import Group

from people.calendars import edition_for
from people.models import CalendarWindow, ClosedDay, Membership, Team, User, WorkCalendar
from people.roles import Role

MONDAY_9AM = datetime(2026, 11, 2, 9, tzinfo=UTC)
OFFICE = (time(9), time(18))
FULL_DAY = (time(), time())

_numbers = count(1)


def make_calendar(
    *hours: tuple[time, time],
    zone: str = "UTC",
    days: range = range(5),
    country: str = "",
    region: str = "",
    closed: dict[date, str] | None = None,
) -> WorkCalendar:
    calendar = WorkCalendar.objects.create(
        name=f"Calendar {next(_numbers)}", time_zone=zone, country=country, region=region
    )
    for day in days:
        for opens, closes in hours or [OFFICE]:
            CalendarWindow.objects.create(
                calendar=calendar, weekday=day, opens=opens, closes=closes
            )
    for day_off, name in (closed or {}).items():
        ClosedDay.objects.create(calendar=calendar, day=day_off, name=name)
    edition_for(calendar, at=MONDAY_9AM)
    return calendar


def make_user(name: str = "", calendar: WorkCalendar | None = None, **fields: object) -> User:
    number = next(_numbers)
    name = name or f"Person {number}"
    return User.objects.create_user(
        f"person{number}@ours.example", None, name=name, calendar=calendar, **fields
    )


def make_user_with(*roles: Role) -> User:
    user = make_user()
    user.groups.set(Group.objects.get_or_create(name=role.label)[0] for role in roles)
    return user


def make_team(
    *members: User,
    calendar: WorkCalendar | None = None,
    manager: User | None = None,
    **fields: object,
) -> Team:
    team = Team.objects.create(
        calendar=calendar or make_calendar(),
        manager=manager,
        **{"name": f"Team {next(_numbers)}", **fields},
    )
    for member in members:
        Membership.objects.create(team=team, user=member)
    return team
