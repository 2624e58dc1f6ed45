"""Numbers, durations, dates and times as pages and messages show them, in American English.

Dates and times are shown as passed in: convert them to the reader's zone first. A reader may
choose other formats of dates, times and numbers; messages, exports, the API, and what use cases
store through `core.retries`, keep the American ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

NO_VALUE: Final = "–"
SPACE: Final = "\N{NO-BREAK SPACE}"
MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
TWO_DIGITS: Final = [f"{number:02}" for number in range(60)]


class DateStyle(StrEnum):
    MONTH_FIRST = "month_first"
    DAY_FIRST = "day_first"
    ISO = "iso"

    @property
    def example(self) -> str:
        with shown_in(Formats(dates=self)):
            return date_time_text(EXAMPLE)


class NumberStyle(StrEnum):
    COMMA = "comma"
    POINT = "point"
    SPACE = "space"
    APOSTROPHE = "apostrophe"

    @property
    def example(self) -> str:
        with shown_in(Formats(numbers=self)):
            return number_text(1234.5, decimals=1)


class Formats(NamedTuple):
    dates: DateStyle = DateStyle.MONTH_FIRST
    numbers: NumberStyle = NumberStyle.COMMA


AMERICAN: Final = Formats()
EXAMPLE: Final = datetime(2026, 11, 27, 23, 1)  # noqa: DTZ001  (shown as it is)
SEPARATORS: Final = {
    NumberStyle.POINT: str.maketrans(",.", ".,"),
    NumberStyle.SPACE: str.maketrans(",.", "\N{NARROW NO-BREAK SPACE},"),
    NumberStyle.APOSTROPHE: str.maketrans(",", "\N{RIGHT SINGLE QUOTATION MARK}"),
}
_formats: Final = ContextVar("formats", default=AMERICAN)


@contextmanager
def shown_in(formats: Formats) -> Iterator[None]:
    token = _formats.set(formats)
    try:
        yield
    finally:
        _formats.reset(token)


def use_formats(formats: Formats) -> None:
    """Change the formats until the end of the surrounding `shown_in`."""
    _formats.set(formats)


def formats_in_use() -> Formats:
    return _formats.get()


def sentence(text: str) -> str:
    """End a text with a period, unless it or a quotation at its end has one already."""
    return text if text.rstrip("”").endswith((".", "!", "?", "…")) else f"{text}."


def count_text(number: int | None) -> str:
    return NO_VALUE if number is None else _separated(f"{number:,}")


def count_up_to_text(number: int, most: int) -> str:
    """Return a number that was counted no further than `most`, such as "1,000+"."""
    return f"{count_text(most)}+" if number > most else count_text(number)


def number_text(number: float | Decimal, *, decimals: int) -> str:
    """Return a number with at most so many decimals."""
    digits = f"{number:,.{decimals}f}"
    return _separated(digits.rstrip("0").rstrip(".") if "." in digits else digits)


def _separated(digits: str) -> str:
    """Replace the American separators by those of the reader."""
    style = _formats.get().numbers
    return digits if style is NumberStyle.COMMA else digits.translate(SEPARATORS[style])


def amount_text(amount: Decimal, currency: str) -> str:
    """Return an amount of money; cents only if there are any: “12,500 EUR”, “12,500.50 EUR”."""
    digits = f"{amount:,.2f}".removesuffix(".00")
    return f"{_separated(digits)}{SPACE}{currency}".rstrip()


def counted(count: int, singular: str, plural: str) -> str:
    """Return a count with its noun: “1 lead”, “1,234 leads”."""
    return f"{count_text(count)} {singular if count == 1 else plural}"


def percent_text(part: int, of: int) -> str:
    """Round to whole percents, but to 0% only zero and to 100% only everything."""
    if not of:
        return NO_VALUE
    rounded = (200 * part + of) // (2 * of)
    if rounded <= 0 < part:
        return "<1%"
    if rounded >= 100 and part < of:
        return ">99%"
    return f"{rounded}%"


def duration_text(span: timedelta | None) -> str:
    """Round down to two units at most: 45 s, 38 min, 3 h 5 min, 2 d 4 h, 23 d."""
    if span is None:
        return NO_VALUE
    seconds = int(span.total_seconds())
    if seconds < 0:
        return f"−{duration_text(-span)}"
    if seconds < MINUTE:
        return f"{seconds}{SPACE}s"
    if seconds < HOUR:
        return f"{seconds // MINUTE}{SPACE}min"
    if seconds < DAY:
        return _two_units(seconds // HOUR, "h", seconds % HOUR // MINUTE, "min")
    days = seconds // DAY
    return _two_units(days, "d", seconds % DAY // HOUR if days < 14 else 0, "h")


def working_time_text(span: timedelta) -> str:
    """Round down to minutes, and from four hours on to hours: 31 working min, 11 working h."""
    hours, minutes = divmod(int(span.total_seconds()) // MINUTE, 60)
    if not hours:
        return f"{minutes} working{SPACE}min"
    if hours >= 4 or not minutes:
        return f"{count_text(hours)} working{SPACE}h"
    return f"{hours}{SPACE}h {minutes} working{SPACE}min"


def _two_units(large: int, large_unit: str, small: int, small_unit: str) -> str:
    text = f"{count_text(large)}{SPACE}{large_unit}"
    return f"{text}{SPACE}{small}{SPACE}{small_unit}" if small else text


# Assembled by hand: a list shows hundreds of times, and strftime would take as long as the rest.
def date_text(day: date, *, with_weekday: bool = False, with_year: bool = True) -> str:
    """Nov 27, 2026 or 27 Nov 2026 or 2026-11-27, which always has its year"""
    weekday = f"{WEEKDAYS[day.weekday()]}, " if with_weekday else ""
    style = _formats.get().dates
    if style is DateStyle.ISO:
        return f"{weekday}{day.year:04}-{TWO_DIGITS[day.month]}-{TWO_DIGITS[day.day]}"
    if style is DateStyle.DAY_FIRST:
        year = f" {day.year}" if with_year else ""
        return f"{weekday}{day.day} {MONTHS[day.month - 1]}{year}"
    year = f", {day.year}" if with_year else ""
    return f"{weekday}{MONTHS[day.month - 1]} {day.day}{year}"


def long_date_text(day: date) -> str:
    """Friday, November 27, 2026"""
    style = _formats.get().dates
    if style is DateStyle.ISO:
        return f"{day:%A}, {date_text(day)}"
    if style is DateStyle.DAY_FIRST:
        return f"{day:%A}, {day.day} {day:%B} {day.year}"
    return f"{day:%A, %B} {day.day}, {day.year}"


def time_text(at: time | datetime, *, with_seconds: bool = False) -> str:
    """11:01 PM or 23:01"""
    seconds = f":{TWO_DIGITS[at.second]}" if with_seconds else ""
    if _formats.get().dates is not DateStyle.MONTH_FIRST:
        return f"{TWO_DIGITS[at.hour]}:{TWO_DIGITS[at.minute]}{seconds}"
    half = "AM" if at.hour < 12 else "PM"
    return f"{at.hour % 12 or 12}:{TWO_DIGITS[at.minute]}{seconds} {half}"


def date_time_text(at: datetime, *, with_weekday: bool = False, with_year: bool = True) -> str:
    """Nov 27, 2026, 11:01 PM"""
    day = date_text(at, with_weekday=with_weekday, with_year=with_year)
    return f"{day}, {time_text(at)}"


def weekday_time_text(at: datetime, now: datetime) -> str:
    """Mon 9:01 AM, in the zone of `now`; with the date if it is six or more days away."""
    local = at.astimezone(now.tzinfo)
    if abs((local.date() - now.date()).days) < 6:
        return f"{WEEKDAYS[local.weekday()]} {time_text(local)}"
    return date_time_text(local, with_year=local.year != now.year)
