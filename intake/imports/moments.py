"""Read dates and times of a file, in the formats that its map names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from leads.normalization.values import BadValue, instant_of, quoted, unix_time

ISO_8601: Final = "ISO 8601"
# Excel counts days from here; its leap day in 1900 never was.
EXCEL_DAY_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001  (the caller adds the zone)
MAX_EXCEL_DAYS: Final = 2_958_466


def excel_moment(text: str) -> datetime:
    """Read the number of days that a spreadsheet has in place of a date: 46082.5."""
    days = float(text.replace(",", "."))
    if not 0 < days < MAX_EXCEL_DAYS:
        raise ValueError
    return EXCEL_DAY_ZERO + timedelta(seconds=round(days * 86_400))


def unix_moment(text: str) -> datetime:
    """Read the seconds or milliseconds since 1970."""
    instant = unix_time(float(text))
    if instant is None:
        raise ValueError
    return instant


def iso_moment(text: str) -> datetime:
    instant = instant_of(text)
    if instant is None:
        raise ValueError
    return instant


NAMED_FORMATS: Final[Mapping[str, Callable[[str], datetime]]] = {
    "excel": excel_moment,
    "unix": unix_moment,
}


def moment(text: str, *, formats: Sequence[str], zone: ZoneInfo) -> datetime | BadValue:
    """Read a date or time in one of the formats, else ISO 8601, in `zone` if it names none."""
    for form in (*formats, ISO_8601):
        try:
            value = parse_date(text, form)
        except (ValueError, OverflowError):
            continue
        return value if value.tzinfo else value.replace(tzinfo=zone)
    known = ", ".join((*formats, ISO_8601))
    return BadValue(f"{quoted(text)} does not match a date format in the map ({known}).")


def parse_date(text: str, form: str) -> datetime:
    if form == ISO_8601:
        return iso_moment(text)
    if form in NAMED_FORMATS:
        return NAMED_FORMATS[form](text)
    return datetime.strptime(text, form)  # noqa: DTZ007  (the caller adds the zone)


def constant_moment(value: object, *, formats: Sequence[str], zone: ZoneInfo) -> object:
    """Return a date of the map as the moment that a cell with it would mean."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, date):
        value = value.isoformat()
    return moment(value, formats=formats, zone=zone) if isinstance(value, str) else value
