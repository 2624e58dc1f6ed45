"""The users, teams and calendars of Tidewell, a made-up vendor of field service software."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, NamedTuple

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from people.absences import set_absence
from people.calendars import edition_for
from people.models import CalendarWindow, ClosedDay, Membership, Team, User, WorkCalendar
from people.roles import Role

EMAIL_HOST: Final = "tidewell.example"
# For local installations. `load_demo` refuses to run anywhere else.
PASSWORD: Final = "tidewell-demo"  # noqa: S105  (not a secret)

Hours = tuple[tuple[range, time, time], ...]
WEEKDAYS: Final = range(5)


class CalendarRow(NamedTuple):
    name: str
    time_zone: str
    country: str
    region: str
    hours: Hours


BERLIN: Final = CalendarRow(
    "Berlin office",
    "Europe/Berlin",
    "DE",
    "BE",
    (
        (range(5), time(8, 30), time(12, 30)),
        (range(4), time(13, 15), time(17, 30)),
        (range(4, 5), time(13, 0), time(15, 30)),
    ),
)
BERLIN_PART_TIME: Final = CalendarRow(
    "Berlin part time, Monday to Thursday until 3 PM",
    "Europe/Berlin",
    "DE",
    "BE",
    ((range(4), time(8, 30), time(15, 0)),),
)
NEW_YORK: Final = CalendarRow(
    "New York office", "America/New_York", "US", "NY", ((WEEKDAYS, time(9), time(17, 30)),)
)
SINGAPORE: Final = CalendarRow(
    "Singapore office", "Asia/Singapore", "SG", "", ((WEEKDAYS, time(9), time(18)),)
)
# From the first hour in Singapore to the last in New York, in winter and summer.
THREE_ZONES: Final = CalendarRow(
    "Weekdays, three time zones", "UTC", "", "", ((WEEKDAYS, time(1), time(21, 30)),)
)


class TeamRow(NamedTuple):
    name: str
    function: Team.Function
    calendar: CalendarRow


EUROPE, AMERICAS, ASIA_PACIFIC = "Europe", "Americas", "Asia Pacific"
QUALIFICATION, MARKETING = "Qualification", "Marketing"
TEAMS: Final = (
    TeamRow(EUROPE, Team.Function.SDR, BERLIN),
    TeamRow(AMERICAS, Team.Function.SDR, NEW_YORK),
    TeamRow(ASIA_PACIFIC, Team.Function.SDR, SINGAPORE),
    TeamRow(QUALIFICATION, Team.Function.SDR, THREE_ZONES),
    TeamRow(MARKETING, Team.Function.MARKETING, BERLIN),
)


@dataclass(frozen=True)
class WorkStyle:
    """Typical minutes to an answer, rate of missed answers, and persuasiveness."""

    answers_in: float = 40
    miss_rate: float = 0.04
    persuades: float = 1.0


class PersonRow(NamedTuple):
    name: str
    role: Role
    team: str = ""
    calendar: CalendarRow = BERLIN
    style: WorkStyle = WorkStyle()
    weight: int = 2
    capacity: int | None = 60


PEOPLE: Final = (
    PersonRow("Jonas Albrecht", Role.REP, EUROPE, BERLIN, WorkStyle(25, 0.02, 1.15)),
    PersonRow("Mireille Fontaine", Role.REP, EUROPE, BERLIN, WorkStyle(35, 0.04, 1.1)),
    PersonRow("Tomasz Wilk", Role.REP, EUROPE, BERLIN_PART_TIME, WorkStyle(45, 0.05), 1, 40),
    PersonRow("Dana Whitfield", Role.REP, AMERICAS, NEW_YORK, WorkStyle(18, 0.02, 1.2)),
    PersonRow("Marcus Oyelaran", Role.REP, AMERICAS, NEW_YORK, WorkStyle(40, 0.05)),
    PersonRow("Priscilla Ng", Role.REP, AMERICAS, NEW_YORK, WorkStyle(120, 0.16, 0.8)),
    PersonRow("Wei Jie Tan", Role.REP, ASIA_PACIFIC, SINGAPORE, WorkStyle(30, 0.03, 1.05)),
    PersonRow("Anjali Menon", Role.REP, ASIA_PACIFIC, SINGAPORE, WorkStyle(22, 0.02, 1.1)),
    PersonRow("Callum Reid", Role.REP, ASIA_PACIFIC, SINGAPORE, WorkStyle(60, 0.08, 0.9)),
    PersonRow("Ida Lindqvist", Role.REP, QUALIFICATION, BERLIN, WorkStyle(30, 0.03)),
    PersonRow("Luis Carvajal", Role.REP, QUALIFICATION, NEW_YORK, WorkStyle(35, 0.04)),
    PersonRow("Nadia Rahman", Role.REP, QUALIFICATION, SINGAPORE, WorkStyle(28, 0.03)),
    PersonRow("Henrike Voss", Role.SALES_MANAGER, EUROPE, BERLIN),
    PersonRow("Robert Castellan", Role.SALES_MANAGER, AMERICAS, NEW_YORK),
    PersonRow("Grace Lim", Role.SALES_MANAGER, ASIA_PACIFIC, SINGAPORE),
    PersonRow("Oskar Brandt", Role.SALES_MANAGER, QUALIFICATION, BERLIN),
    PersonRow("Sofie Maurer", Role.MARKETER, MARKETING, BERLIN),
    PersonRow("Devon Price", Role.MARKETER, MARKETING, NEW_YORK),
    PersonRow("Katharina Engel", Role.HANDOFF_OWNER, "", BERLIN),
    PersonRow("Pieter de Boer", Role.OPERATIONS, "", BERLIN),
    PersonRow("Amara Diallo", Role.LEADER, "", BERLIN),
)
# Reps who also pull from the queue of another team.
HELPERS: Final = {QUALIFICATION: ("Jonas Albrecht",)}
# The login of each role that is printed at the first start.
LOGIN_NAMES: Final = (
    "Jonas Albrecht",
    "Henrike Voss",
    "Sofie Maurer",
    "Katharina Engel",
    "Pieter de Boer",
    "Amara Diallo",
)


class AbsenceRow(NamedTuple):
    name: str
    days_ago: int
    days: int
    note: str


ABSENCES: Final = (
    AbsenceRow("Mireille Fontaine", 330, 14, "Vacation"),
    AbsenceRow("Marcus Oyelaran", 301, 7, "Parental leave"),
    AbsenceRow("Wei Jie Tan", 270, 5, "Reserve duty"),
    AbsenceRow("Jonas Albrecht", 243, 10, "Vacation"),
    AbsenceRow("Callum Reid", 205, 12, "Vacation"),
    AbsenceRow("Priscilla Ng", 176, 4, "Sick leave"),
    AbsenceRow("Ida Lindqvist", 150, 9, "Vacation"),
    AbsenceRow("Anjali Menon", 118, 6, "Training"),
    AbsenceRow("Dana Whitfield", 90, 10, "Vacation"),
    AbsenceRow("Luis Carvajal", 61, 3, "Sick leave"),
    AbsenceRow("Nadia Rahman", 40, 7, "Vacation"),
    AbsenceRow("Tomasz Wilk", 19, 5, "Sick leave"),
    AbsenceRow("Callum Reid", -6, 5, "Training"),
)
# Away from the load on, and the colleague who covers, with whom people sign in first.
AWAY_NOW: Final = AbsenceRow("Mireille Fontaine", 0, 12, "Vacation")
COVER: Final = "Jonas Albrecht"


@dataclass(frozen=True)
class DemoOrganization:
    """Users and teams by name; users cache their roles, so each is loaded once."""

    users: Mapping[str, User]
    teams: Mapping[str, Team]
    work_styles: Mapping[int, WorkStyle]
    editions: Mapping[int, int]
    away: Mapping[int, list[tuple[datetime, datetime]]]

    def reps(self, team: str = "") -> list[User]:
        """Return the reps of a team, or all reps."""
        return [
            self.users[row.name]
            for row in PEOPLE
            if row.role is Role.REP and team in ("", row.team)
        ]

    def marketers(self) -> list[User]:
        return [self.users[row.name] for row in PEOPLE if row.role is Role.MARKETER]

    def team_of(self, user: User) -> Team:
        return self.teams[next(row.team for row in PEOPLE if row.name == user.name)]

    def is_away(self, user: User, at: datetime) -> bool:
        return any(starts <= at < ends for starts, ends in self.away[user.pk])


def email_of(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@{EMAIL_HOST}"


def logins() -> list[dict[str, str]]:
    """Return one login of each role, as `script/serve` prints them."""
    roles = {row.name: row.role for row in PEOPLE}
    return [
        {"role": roles[name].label, "email": email_of(name), "password": PASSWORD}
        for name in LOGIN_NAMES
    ]


def create_organization(*, at: datetime) -> DemoOrganization:
    calendars = {
        row: create_calendar(row, at=at)
        for row in (BERLIN, BERLIN_PART_TIME, NEW_YORK, SINGAPORE, THREE_ZONES)
    }
    password = make_password(PASSWORD)  # slow by design, so only once
    users = {row.name: create_person(row, calendars[row.calendar], password) for row in PEOPLE}
    teams = {row.name: create_team(row, calendars[row.calendar], users) for row in TEAMS}
    people = DemoOrganization(
        users,
        teams,
        {users[row.name].pk: row.style for row in PEOPLE},
        {users[row.name].pk: calendars[row.calendar].current_edition_id or 0 for row in PEOPLE},
        {user.pk: [] for user in users.values()},
    )
    set_absences(people, at=at)
    return people


def create_calendar(row: CalendarRow, *, at: datetime) -> WorkCalendar:
    calendar = WorkCalendar.objects.create(
        name=row.name, time_zone=row.time_zone, country=row.country, region=row.region
    )
    CalendarWindow.objects.bulk_create(
        CalendarWindow(calendar=calendar, weekday=weekday, opens=opens, closes=closes)
        for weekdays, opens, closes in row.hours
        for weekday in weekdays
    )
    if row.country:
        outing = (at - timedelta(days=100)).date()
        ClosedDay.objects.create(
            calendar=calendar,
            day=outing - timedelta(days=outing.weekday() - 3),
            name="Company outing",
        )
    edition_for(calendar, at=at)
    return calendar


def create_person(row: PersonRow, calendar: WorkCalendar, password: str) -> User:
    user = User.objects.create(
        email=email_of(row.name),
        password=password,
        name=row.name,
        time_zone=calendar.time_zone,
        calendar=calendar,
        is_staff=row.role in {Role.OPERATIONS, Role.HANDOFF_OWNER},
    )
    user.groups.set([Group.objects.get(name=row.role.label)])
    return user


def create_team(row: TeamRow, calendar: WorkCalendar, users: Mapping[str, User]) -> Team:
    """Create the team, or complete one that bootstrap created."""
    manager = next(
        (
            users[person.name]
            for person in PEOPLE
            if person.team == row.name and person.role != Role.REP
        ),
        None,
    )
    team, _ = Team.objects.update_or_create(
        name=row.name,
        defaults={"function": row.function, "calendar": calendar, "manager": manager},
    )
    members = [
        person
        for person in PEOPLE
        if (person.team == row.name and person.role in {Role.REP, Role.MARKETER})
        or person.name in HELPERS.get(row.name, ())
    ]
    Membership.objects.bulk_create(
        Membership(
            team=team, user=users[person.name], weight=person.weight, capacity=person.capacity
        )
        for person in members
    )
    return team


def set_absences(people: DemoOrganization, *, at: datetime) -> None:
    """Add the absences as whole days in the zone of the member, as their manager."""
    for row in ABSENCES:
        member = people.users[row.name]
        manager = people.team_of(member).manager
        assert manager is not None, "every team of the demo has a manager"
        first = (at - timedelta(days=row.days_ago)).astimezone(member.zone)
        starts = first.replace(hour=0, minute=0, second=0, microsecond=0)
        ends = starts + timedelta(days=row.days)
        set_absence(member=member, starts_at=starts, ends_at=ends, note=row.note, by=manager)
        people.away[member.pk].append((starts, ends))


def start_time_off(people: DemoOrganization, *, at: datetime) -> None:
    """Let a rep be away from now on; a colleague acts on their open leads."""
    member, starts = people.users[AWAY_NOW.name], at.replace(second=0, microsecond=0)
    manager = people.team_of(member).manager
    assert manager is not None, "every team of the demo has a manager"
    set_absence(
        member=member,
        starts_at=starts,
        ends_at=starts + timedelta(days=AWAY_NOW.days),
        note=AWAY_NOW.note,
        cover=people.users[COVER],
        by=manager,
    )
