"""Read what the pages of calendars show: who uses them, their week, closed days and history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from core.formatting import counted, date_text, time_text
from people import worktime
from people.admin.calendar_editor.content import Content, closed_key
from people.admin.calendar_editor.difference import (
    CalendarChange,
    changes_between,
    example_of,
    holidays_text,
)
from people.admin.calendar_editor.drawing import Block, WeekDrawing, small_week, week_drawing
from people.admin.calendar_editor.words import (
    moment_text,
    opening_hours_text,
    place_text,
    weekly_text,
    zone_text,
)
from people.availability import calendar_of_user
from people.calendar_timers import running_timers
from people.models import Team, User, WorkCalendar
from people.worktime import BadCalendar

AHEAD: Final = timedelta(days=365)
MAX_NAMED: Final = 12


@dataclass(frozen=True)
class CalendarUse:
    """The teams and people of a calendar, and the timers that run in its hours."""

    teams: Sequence[Team] = ()
    people: Sequence[User] = ()
    timers: int = 0

    @property
    def teams_text(self) -> str:
        return counted(len(self.teams), "team", "teams")

    @property
    def people_text(self) -> str:
        return counted(len(self.people), "person", "people")

    @property
    def timers_text(self) -> str:
        return counted(self.timers, "running timer", "running timers")

    def __str__(self) -> str:
        parts = [
            self.teams_text if self.teams else "",
            self.people_text if self.people else "",
            self.timers_text if self.timers else "",
        ]
        return ", ".join(filter(None, parts)) or "No team or person"

    @property
    def concerned_text(self) -> str:
        """Return whom a change concerns."""
        whom = (
            f"{self.people_text} {'works' if len(self.people) == 1 else 'work'} by this calendar."
            if self.people
            else "No one works by this calendar yet."
        )
        if not self.timers:
            return f"{whom} No timer is running in it."
        kept = (
            "keeps the hours with which it"
            if self.timers == 1
            else "keep the hours with which they"
        )
        return f"{whom} {self.timers_text} {kept} started."

    @property
    def named(self) -> Sequence[User]:
        return self.people[:MAX_NAMED]

    @property
    def more(self) -> int:
        return max(len(self.people) - MAX_NAMED, 0)

    @property
    def is_used(self) -> bool:
        return bool(self.teams or self.people)


def read_uses(calendar_ids: Sequence[int]) -> Mapping[int, CalendarUse]:
    teams, people = defaultdict[int, list[Team]](list), defaultdict[int, list[User]](list)
    for team in Team.objects.filter(is_active=True, calendar__in=calendar_ids).order_by("name"):
        teams[team.calendar_id].append(team)
    users = User.objects.filter(is_active=True).annotate(works_by=calendar_of_user())
    for user in users.filter(works_by__in=calendar_ids).order_by("name", "pk"):
        people[user.works_by].append(user)
    timers = running_timers(calendar_ids)
    return {pk: CalendarUse(teams[pk], people[pk], timers[pk]) for pk in calendar_ids}


@dataclass(frozen=True)
class CalendarEntry:
    """A calendar in the list."""

    calendar: WorkCalendar
    value: worktime.WorkCalendar
    use: CalendarUse
    at: datetime

    @property
    def now(self) -> datetime:
        return self.at.astimezone(ZoneInfo(self.value.zone))

    @property
    def blocks(self) -> list[Block]:
        return small_week(self.value.windows)

    @property
    def hours(self) -> str:
        return opening_hours_text(self.value.windows)

    @property
    def week(self) -> str:
        return weekly_text(self.value.windows)

    @property
    def zone(self) -> str:
        return zone_text(self.value.zone)

    @property
    def holidays(self) -> str:
        return place_text(self.calendar.country, self.calendar.region)

    @property
    def next_closed(self) -> str:
        return next_closed_text(self.value, self.now.date())

    @property
    def state(self) -> OpenState:
        return OpenState.of(self.value, self.now)


@dataclass(frozen=True)
class OpenState:
    is_open: bool
    text: str

    @classmethod
    def of(cls, value: worktime.WorkCalendar, now: datetime) -> OpenState:
        opens = value.next_open(now)
        if opens > now:
            reason = value.closed.get(now.date())
            closed = f"Closed, {reason}," if reason else "Closed"
            return cls(False, f"{closed} until {moment_text(opens, now)}")
        _, closes = next(value.open_between(now, now + 8 * worktime.DAY))
        if closes >= now + 8 * worktime.DAY:
            return cls(True, "Always open")
        return cls(True, f"Open until {moment_text(closes, now)}")


def next_closed_text(value: worktime.WorkCalendar, today: date) -> str:
    """Return the next closed day on which the calendar would be open otherwise."""
    open_days = {window.weekday for window in value.windows}
    ahead = (day for day in sorted(value.closed) if day >= today and day.weekday() in open_days)
    day = next(ahead, None)
    if day is None:
        return ""
    name = value.closed[day]
    return f"{date_text(day, with_weekday=True, with_year=day.year != today.year)}: {name}"


def read_calendars(at: datetime) -> list[CalendarEntry]:
    """Return the calendars as timers count with them."""
    rows = list(WorkCalendar.objects.select_related("current_edition").order_by("name"))
    uses = read_uses([row.pk for row in rows])
    return [CalendarEntry(row, _current_value(row), uses[row.pk], at) for row in rows]


def _current_value(calendar: WorkCalendar) -> worktime.WorkCalendar:
    """Without an edition, no hours were ever saved, and all time counts."""
    edition = calendar.current_edition
    return worktime.WorkCalendar.from_json(edition.value) if edition else worktime.ALWAYS_OPEN


@dataclass(frozen=True)
class ClosedDayRow:
    """A day in the list of the next twelve months."""

    day: date
    name: str
    is_own: bool
    is_new: bool = False
    is_removed: bool = False
    holiday: str = ""  # its name, where an own day is on a public holiday
    is_closed_anyway: bool = False
    is_next_year: bool = False

    @property
    def iso(self) -> str:
        return self.day.isoformat()

    @property
    def key(self) -> str:
        return closed_key(self.day)

    @property
    def text(self) -> str:
        return date_text(self.day, with_weekday=True, with_year=self.is_next_year)


@dataclass(frozen=True)
class Consequence:
    """Say what saving would change, whom that concerns and when a lead would be due instead."""

    changes: Sequence[CalendarChange]
    sentences: Sequence[str] = ()

    @property
    def title(self) -> str:
        if not self.changes:
            return "No changes"
        return f"{counted(len(self.changes), 'change', 'changes')}, not saved"

    def __str__(self) -> str:
        return " ".join([*(f"{change}." for change in self.changes), *self.sentences])


def consequence_of(before: Content, after: Content, use: CalendarUse, at: datetime) -> Consequence:
    """Raise BadCalendar if the calendar cannot be saved."""
    changes = changes_between(before, after)
    old, new = value_of(before, at), after.working_time(at)
    if old == new:
        return Consequence(changes)
    sentences = [_holidays_text(before, after, at), use.concerned_text]
    if old and (example := example_of(old, new, at)):
        sentences.append(example.text(at.astimezone(ZoneInfo(after.time_zone))))
    return Consequence(changes, [text for text in sentences if text])


def _holidays_text(before: Content, after: Content, at: datetime) -> str:
    if (before.country, before.region) == (after.country, after.region):
        return ""
    text = holidays_text(holidays_of(before, at), holidays_of(after, at), at)
    return f"{text}." if text else ""


@dataclass(frozen=True)
class CalendarPage:
    """The week, the closed days and the state of a calendar as it is shown, saved or not."""

    shown: Content
    stored: Content
    at: datetime
    removed: frozenset[date] = frozenset()
    use: CalendarUse = field(default_factory=CalendarUse)

    @cached_property
    def value(self) -> worktime.WorkCalendar | None:
        return value_of(self.shown, self.at)

    @cached_property
    def stored_value(self) -> worktime.WorkCalendar | None:
        return value_of(self.stored, self.at)

    @property
    def now(self) -> datetime:
        return self.at.astimezone(ZoneInfo(self.shown.time_zone))

    @property
    def now_text(self) -> str:
        return f"{self.now:%A} {time_text(self.now)}"

    @property
    def zone(self) -> str:
        return zone_text(self.shown.time_zone)

    @property
    def state(self) -> OpenState | None:
        value = self.stored_value
        return OpenState.of(value, self.at.astimezone(ZoneInfo(value.zone))) if value else None

    @cached_property
    def drawing(self) -> WeekDrawing | None:
        value = self.value or self.stored_value
        if value is None:
            return None
        is_changed = self.stored_value is not None and self.stored_value != value
        return week_drawing(value, self.at, before=self.stored_value if is_changed else None)

    @property
    def week(self) -> str:
        return weekly_text(self.shown.windows)

    @property
    def hours(self) -> str:
        return opening_hours_text(self.shown.windows)

    @property
    def place(self) -> str:
        return place_text(self.shown.country, self.shown.region)

    @cached_property
    def closed_days(self) -> list[ClosedDayRow]:
        today = self.now.date()
        holidays = holidays_of(self.shown, self.at)
        open_days = {window.weekday for window in self.shown.windows}
        ahead = {day for day in holidays if today <= day < today + AHEAD}
        own = {day for day in {*self.shown.closed, *self.removed} if day >= today}
        names = {**self.stored.closed, **self.shown.closed}
        return [
            ClosedDayRow(
                day,
                names[day] if day in own else holidays[day],
                is_own=day in own,
                is_new=day in own and self.stored.closed.get(day) != names[day],
                is_removed=day in self.removed,
                holiday=holidays.get(day, "") if day in own else "",
                is_closed_anyway=day.weekday() not in open_days,
                is_next_year=day.year != today.year,
            )
            for day in sorted(ahead | own)
        ]


def holidays_of(content: Content, at: datetime) -> Mapping[date, str]:
    """Return none for a country that the library does not list anymore."""
    try:
        return content.holidays(at)
    except BadCalendar:
        return {}


def value_of(content: Content, at: datetime) -> worktime.WorkCalendar | None:
    """Return None for a calendar that could not be saved like this."""
    try:
        value = content.working_time(at)
        value.next_open(at)
    except BadCalendar:
        return None
    return value


def reasons_to_keep(calendar: WorkCalendar) -> list[str]:
    """Return why a calendar cannot be deleted."""
    teams, people = calendar.team_set.count(), calendar.user_set.count()
    reasons = []
    if teams or people:
        users = [counted(teams, "team", "teams")] if teams else []
        users += [counted(people, "user", "users")] if people else []
        verb = "has" if teams + people == 1 else "have"
        reasons.append(f"{' and '.join(users)} {verb} it. Choose another calendar for them.")
    if calendar.current_edition_id:
        reasons.append("SLA timers explain their due times by its hours, so they are kept.")
    return reasons
