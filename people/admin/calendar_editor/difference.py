"""Compare two contents of a calendar: in words, and by a lead that is due at another time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, groupby
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from core.formatting import counted, time_text
from core.versioning.difference import Kind
from people import worktime
from people.admin.calendar_editor.content import WEEKDAYS, Content
from people.admin.calendar_editor.hours import Hours
from people.admin.calendar_editor.words import (
    change_of_hours_text,
    closing_text,
    days_text,
    moment_text,
    periods_text,
    place_text,
    weekdays_text,
    zone_text,
)
from people.worktime import BadCalendar, instant, weekly_time

T = TypeVar("T")
EXAMPLE_WORK: Final = timedelta(hours=4)
# Where two calendars differ only at times, a lead of one of the next hours shows it.
EXAMPLE_HOURS: Final = 10 * 24
YEAR: Final = timedelta(days=365)


@dataclass(frozen=True)
class CalendarChange:
    kind: Kind
    text: str

    def __str__(self) -> str:
        return self.text


def changes_between(old: Content, new: Content) -> list[CalendarChange]:
    return list(
        chain(
            _setting_changes(old, new),
            _hours_changes(old, new),
            _closed_day_changes(old.closed, new.closed),
        )
    )


def _setting_changes(old: Content, new: Content) -> Iterator[CalendarChange]:
    if old.name != new.name:
        yield CalendarChange(Kind.CHANGED, f"Named “{new.name}” instead of “{old.name}”")
    if old.time_zone != new.time_zone:
        yield CalendarChange(
            Kind.CHANGED,
            f"The hours are in the time zone {zone_text(new.time_zone)} "
            f"instead of {zone_text(old.time_zone)}",
        )
    before, after = (place_text(side.country, side.region) for side in (old, new))
    if before != after and not after:
        yield CalendarChange(Kind.REMOVED, f"Open on the public holidays of {before}")
    elif before != after:
        instead = f" instead of {before}" if before else ""
        yield CalendarChange(Kind.CHANGED, f"Closed on the public holidays of {after}{instead}")


def _hours_changes(old: Content, new: Content) -> Iterator[CalendarChange]:
    days: dict[str, list[int]] = {}
    for weekday in WEEKDAYS:
        before, after = old.hours(weekday), new.hours(weekday)
        if before != after:
            days.setdefault(_hours_text(before, after), []).append(weekday)
    for text, weekdays in days.items():
        longer = _time_of(new, weekdays) - _time_of(old, weekdays)
        yield CalendarChange(
            Kind.CHANGED, f"{text}, {weekdays_text(weekdays)}: {change_of_hours_text(longer)}"
        )


def _hours_text(before: tuple[Hours, ...], after: tuple[Hours, ...]) -> str:
    if not after:
        return f"Closed instead of open {periods_text(before)}"
    if len(before) == len(after) == 1:
        (old_opens, old_closes), (opens, closes) = before[0], after[0]
        if old_closes == closes:
            return f"Opens at {time_text(opens)} instead of {time_text(old_opens)}"
        if old_opens == opens:
            return (
                f"Closes at {closing_text(opens, closes)} "
                f"instead of {closing_text(opens, old_closes)}"
            )
    return f"Open {periods_text(after)} instead of {periods_text(before)}"


def _time_of(content: Content, weekdays: list[int]) -> timedelta:
    return weekly_time(row for row in content.windows if row.weekday in weekdays)


def _closed_day_changes(
    old: Mapping[date, str], new: Mapping[date, str]
) -> Iterator[CalendarChange]:
    changed = [day for day in sorted({*old, *new}) if old.get(day) != new.get(day)]
    for days, (before, after) in _runs(changed, lambda day: (old.get(day), new.get(day))):
        text = days_text(days)
        if before and after:
            yield CalendarChange(Kind.CHANGED, f"{text} is named “{after}” instead of “{before}”")
        elif after:
            yield CalendarChange(Kind.ADDED, f"Closed on {text}: {after}")
        else:
            yield CalendarChange(Kind.REMOVED, f"No longer closed on {text}: {before}")


def _runs(days: list[date], names_of: Callable[[date], T]) -> Iterator[tuple[list[date], T]]:
    """Yield days that follow each other and have the same names, together."""
    for (_, names), run in groupby(
        enumerate(days), key=lambda item: (item[1].toordinal() - item[0], names_of(item[1]))
    ):
        yield [day for _, day in run], names


@dataclass(frozen=True)
class Example:
    """A lead with `EXAMPLE_WORK`, and when it is due before and after a change."""

    offered: datetime
    before: datetime
    after: datetime

    def text(self, now: datetime) -> str:
        """Return a sentence with times in the zone of `now`."""
        offered = moment_text(self.offered, now)
        offer = "now" if self.offered <= now else f"on {offered}"
        return (
            f"A lead that is offered {offer} and has 4 working hours would be due "
            f"{moment_text(self.after, now)} instead of {moment_text(self.before, now)}."
        )


def example_of(
    old: worktime.WorkCalendar, new: worktime.WorkCalendar, at: datetime
) -> Example | None:
    """Return the next lead that the change would concern, if there is one within a year."""
    for offered in _offers(old, new, at):
        try:
            before, after = old.add(offered, EXAMPLE_WORK), new.add(offered, EXAMPLE_WORK)
        except BadCalendar:
            return None
        if before != after:
            return Example(offered, before, after)
    return None


def _offers(
    old: worktime.WorkCalendar, new: worktime.WorkCalendar, at: datetime
) -> Iterator[datetime]:
    yield at
    hour = at.replace(minute=0, second=0, microsecond=0)
    yield from (hour + timedelta(hours=number) for number in range(1, EXAMPLE_HOURS))
    for day in sorted(old.closed.keys() ^ new.closed.keys()):
        if at.date() < day < (at + YEAR).date():
            starts = instant(day, time(), ZoneInfo(new.zone))
            yield min(old.next_open(starts), new.next_open(starts))


def holidays_text(old: Mapping[date, str], new: Mapping[date, str], at: datetime) -> str:
    """Return how many public holidays of the next twelve months are closed, if that changes."""
    before, after = (
        sum(at.date() <= day < (at + YEAR).date() for day in days) for days in (old, new)
    )
    if old.keys() == new.keys():
        return ""
    return f"{counted(after, 'public holiday', 'public holidays')} in 12 months instead of {before}"
