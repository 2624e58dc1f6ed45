"""Lay out the next seven days of a person: business hours, closed days and time off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from people.worktime import WorkCalendar, instant

DAYS: Final = 7
DAY: Final = timedelta(days=1)
MINUTES: Final = 24 * 60

Stretch = tuple[datetime, datetime]


@dataclass(frozen=True)
class Bar:
    """A stretch of a day, in minutes of its length from its start."""

    left: int
    width: int


@dataclass(frozen=True)
class WeekDay:
    """`open` are the business hours, `away` the time off; `closed` names a closed day."""

    day: date
    is_today: bool
    closed: str
    open: list[Stretch]
    away: list[Stretch]
    bars: list[Bar]
    away_bars: list[Bar]


def week_of(
    calendar: WorkCalendar, absences: Iterable[Stretch], zone: ZoneInfo, *, at: datetime
) -> list[WeekDay]:
    """Return the seven days from today on, as they begin and end in the zone of the person."""
    today, absences = at.astimezone(zone).date(), list(absences)
    return [
        day_of_week(calendar, absences, zone, today + number * DAY, is_today=not number)
        for number in range(DAYS)
    ]


def day_of_week(
    calendar: WorkCalendar, absences: list[Stretch], zone: ZoneInfo, day: date, *, is_today: bool
) -> WeekDay:
    starts, ends = (instant(on, time(), zone) for on in (day, day + DAY))
    opened = list(calendar.open_between(starts, ends))
    away = [
        (max(first, starts), min(last, ends))
        for first, last in absences
        if first < ends and last > starts
    ]
    return WeekDay(
        day,
        is_today,
        calendar.closed.get(day, ""),
        [(first.astimezone(zone), last.astimezone(zone)) for first, last in opened],
        [(first.astimezone(zone), last.astimezone(zone)) for first, last in away],
        [bar_of(stretch, starts, ends) for stretch in opened],
        [bar_of(stretch, starts, ends) for stretch in away],
    )


def bar_of(stretch: Stretch, starts: datetime, ends: datetime) -> Bar:
    """Place a stretch on a day, which has 23 or 25 hours when the clocks change."""
    first, last = ((at - starts) / (ends - starts) * MINUTES for at in stretch)
    return Bar(round(first), round(last) - round(first))
