"""Opening hours, places and amounts of time in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, Final

import holidays
from holidays.registry import COUNTRIES

from core.countries import NAMES
from core.formatting import (
    WEEKDAYS,
    date_text,
    date_time_text,
    number_text,
    time_text,
    weekday_time_text,
)
from people.admin.calendar_editor.hours import ALL_DAY, MIDNIGHT, Hours, needs_next_day
from people.worktime import Window, weekly_time

MINUTE: Final = timedelta(minutes=1)


def opening_hours_text(windows: Iterable[Window]) -> str:
    """Group days with equal hours: Mon–Fri 9:00 AM–5:00 PM."""
    days: dict[Hours, list[int]] = {}
    for window in sorted(windows):
        days.setdefault((window.opens, window.closes), []).append(window.weekday)
    return "; ".join(f"{weekdays_text(on)} {period_text(*hours)}" for hours, on in days.items())


def period_text(opens: time, closes: time) -> str:
    """Return 24 hours, 9:00 AM–5:00 PM, or 10:00 PM–6:00 AM the next day."""
    if (opens, closes) == ALL_DAY:
        return "24 hours"
    return f"{time_text(opens)}–{closing_text(opens, closes)}"


def closing_text(opens: time, closes: time) -> str:
    if closes == MIDNIGHT:
        return "midnight"
    return f"{time_text(closes)}{' the next day' if needs_next_day(opens, closes) else ''}"


def periods_text(periods: Sequence[Hours]) -> str:
    return " and ".join(period_text(*hours) for hours in periods) or "closed"


def weekdays_text(days: Sequence[int]) -> str:
    """Return Mon–Fri, or Mon, Wed, Fri."""
    names = [WEEKDAYS[day] for day in days]
    is_run = len(days) > 2 and list(days) == list(range(days[0], days[-1] + 1))
    return f"{names[0]}–{names[-1]}" if is_run else ", ".join(names)


def hours_text(span: timedelta, more: str = "") -> str:
    """Return 1 hour, 7.5 hours, 7 hours 20 min; with “more”: 5 more hours."""
    minutes = span // MINUTE
    more = f"{more} " if more else ""
    if 0 < minutes < 60:
        return f"{minutes} {more}minutes"
    if minutes % 15 == 0:
        number = number_text(minutes / 60, decimals=2)
        return f"{number} {more}{'hour' if number == '1' else 'hours'}"
    hours, rest = divmod(minutes, 60)
    return f"{hours} {more}{'hour' if hours == 1 else 'hours'} {rest} min"


def weekly_text(windows: Iterable[Window]) -> str:
    return f"{hours_text(weekly_time(windows))} a week"


def change_of_hours_text(span: timedelta) -> str:
    """Return 5 more hours a week, 1 hour less a week, or as many hours a week."""
    if not span:
        return "as many hours a week"
    return f"{hours_text(abs(span), 'more' if span > timedelta() else 'fewer')} a week"


def moment_text(at: datetime, now: datetime) -> str:
    """Return Mon 10:30 AM or Thu, Dec 24, 9:00 AM, in the zone of `now`."""
    local = at.astimezone(now.tzinfo)
    if abs((local.date() - now.date()).days) < 6:
        return weekday_time_text(at, now)
    return date_time_text(local, with_weekday=True, with_year=local.year != now.year)


def days_text(days: Sequence[date]) -> str:
    """Return Thu, Dec 24, 2026, or Thu, Dec 24, to Mon, Dec 28, 2026, of days in a row."""
    first, last = days[0], days[-1]
    if first == last:
        return date_text(first, with_weekday=True)
    start = date_text(first, with_weekday=True, with_year=first.year != last.year)
    return f"{start}, to {date_text(last, with_weekday=True)}"


def zone_text(zone: str) -> str:
    return zone.replace("_", " ")


@cache
def countries() -> tuple[tuple[str, str], ...]:
    """Return the countries with a list of holidays, by name."""
    listed = {names[1] for names in COUNTRIES.values()}
    return tuple((code, name) for code, name in NAMES.items() if code in listed)


@cache
def regions_of(country: str) -> tuple[tuple[str, str], ...]:
    """Return the regions of a country with holidays of their own, by name."""
    try:
        place: Any = holidays.country_holidays(country)
    except NotImplementedError:
        return ()
    names = {
        code: region_name(code, place.get_subdivision_aliases().get(code, ()))
        for code in place.subdivisions
    }
    return tuple(sorted(names.items(), key=lambda choice: choice[1]))


def region_name(code: str, aliases: Iterable[str]) -> str:
    """Return the first alias that is a name and not another code."""
    return next((alias for alias in aliases if not alias.isupper()), code)


def place_text(country: str, region: str) -> str:
    """Return Germany, Bayern."""
    if not country:
        return ""
    name = NAMES.get(country, country)
    return f"{name}, {dict(regions_of(country)).get(region, region)}" if region else name
