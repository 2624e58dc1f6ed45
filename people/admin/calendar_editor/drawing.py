"""Lay out the week of a calendar for a drawing: shares of the width and the height in percent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from core.formatting import WEEKDAYS, time_text
from people import worktime
from people.week import MINUTES, WeekDay, day_of_week
from people.worktime import Window

GUTTER: Final = 12.0  # percent of the width for the hours at the side
COLUMN: Final = (100 - GUTTER) / 7
GAP: Final = 1.0
MIN_LABELED: Final = 150  # minutes of a block that has room for its first and last time
HOUR_LINES: Final = range(0, 24, 3)


class Block(NamedTuple):
    """A rectangle with its first and last time; `has_room` to write them in it."""

    x: str
    y: str
    width: str
    height: str
    end_y: str = ""
    first: str = ""
    last: str = ""
    has_room: bool = False


@dataclass(frozen=True)
class DayColumn:
    """One day of the drawn week, in the zone of the calendar."""

    day: date
    name: str
    is_today: bool
    closed: str  # the holiday
    x: str
    middle: str
    hours: list[str]
    blocks: list[Block]
    before: list[Block]  # open now, but for a change that is not saved

    @property
    def words(self) -> str:
        return f"{self.name} {self.closed or ' and '.join(self.hours) or 'closed'}"


@dataclass(frozen=True)
class WeekDrawing:
    days: list[DayColumn]
    lines: list[tuple[str, str]]  # place and time
    now_x: str
    now_end: str
    now_y: str

    @property
    def words(self) -> str:
        return ". ".join(day.words for day in self.days)

    @property
    def is_changed(self) -> bool:
        return any(day.before for day in self.days)

    @property
    def column(self) -> str:
        return percent(COLUMN - GAP)


def week_drawing(
    calendar: worktime.WorkCalendar, at: datetime, *, before: worktime.WorkCalendar | None = None
) -> WeekDrawing:
    """Draw this week; `before` are the hours that a change replaces."""
    zone = ZoneInfo(calendar.zone)
    local = at.astimezone(zone)
    monday = local.date() - timedelta(days=local.weekday())
    days = [
        _column(
            number,
            day_of_week(calendar, [], zone, day, is_today=day == local.date()),
            day_of_week(before, [], zone, day, is_today=False) if before else None,
        )
        for number in range(7)
        if (day := monday + timedelta(days=number))
    ]
    minutes = local.hour * 60 + local.minute
    lines = [(percent(hour / 24 * 100), hour_text(hour)) for hour in HOUR_LINES]
    return WeekDrawing(
        days,
        lines,
        days[local.weekday()].x,
        percent(GUTTER + COLUMN * (local.weekday() + 1) - GAP),
        percent(minutes / MINUTES * 100),
    )


def _column(number: int, day: WeekDay, before: WeekDay | None) -> DayColumn:
    left = GUTTER + COLUMN * number
    return DayColumn(
        day=day.day,
        name=WEEKDAYS[number],
        is_today=day.is_today,
        closed=day.closed,
        x=percent(left),
        middle=percent(left + (COLUMN - GAP) / 2),
        hours=[f"{time_text(first)}–{time_text(last)}" for first, last in day.open],
        blocks=_blocks(left, day),
        before=_blocks(left, before) if before and before.bars != day.bars else [],
    )


def _blocks(left: float, day: WeekDay) -> list[Block]:
    return [
        Block(
            percent(left),
            percent(bar.left / MINUTES * 100),
            percent(COLUMN - GAP),
            percent(bar.width / MINUTES * 100),
            percent((bar.left + bar.width) / MINUTES * 100),
            short_time_text(first),
            short_time_text(last),
            bar.width >= MIN_LABELED,
        )
        for bar, (first, last) in zip(day.bars, day.open, strict=True)
    ]


def small_week(windows: Iterable[Window]) -> list[Block]:
    """Return the open blocks of any week in a box of 7 × 24, a column each day."""
    blocks = []
    for weekday, opens, closes in _hours_of_days(windows):
        blocks.append(Block(f"{weekday + 0.06:g}", f"{opens:g}", "0.88", f"{closes - opens:g}"))
    return blocks


def _hours_of_days(windows: Iterable[Window]) -> list[tuple[int, float, float]]:
    """Cut windows at midnight: weekday, first and last hour."""
    parts = []
    for window in windows:
        opens, closes = (at.hour + at.minute / 60 for at in (window.opens, window.closes))
        if closes > opens:
            parts.append((window.weekday, opens, closes))
            continue
        parts.append((window.weekday, opens, 24.0))
        if closes:
            parts.append(((window.weekday + 1) % 7, 0.0, closes))
    return parts


def hour_text(hour: int) -> str:
    """Return 9 AM or 09:00; the halves of the day are written at the side only."""
    return time_text(time(hour)).replace(":00 ", " ")


def short_time_text(at: datetime) -> str:
    return time_text(at).split(" ")[0]


def percent(share: float) -> str:
    return f"{share:.2f}%"
