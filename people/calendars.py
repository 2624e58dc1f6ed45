"""Freeze working calendars, as edited in the admin, into editions that clocks use."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Final

import holidays

from people import worktime
from people.models import CalendarEdition, WorkCalendar

WINDOW: Final = ("weekday", "opens", "closes")


def edition_for(calendar: WorkCalendar, *, at: datetime) -> CalendarEdition:
    """Return the edition with the calendar's present content, created if it is new."""
    value = read(calendar, at=at)
    value.next_open(at)  # raises if the calendar never opens
    content = value.as_json()
    edition, _ = CalendarEdition.objects.get_or_create(
        calendar=calendar, digest=_digest(content), defaults={"value": content}
    )
    if calendar.current_edition_id != edition.pk:
        calendar.current_edition = edition
        calendar.save(update_fields=["current_edition"])
    return edition


def read(calendar: WorkCalendar, *, at: datetime) -> worktime.WorkCalendar:
    """Include the holidays, so that a newer holiday list moves no deadline already set."""
    closed = public_holidays(calendar.country, calendar.region, holiday_years(at))
    closed |= dict(calendar.closed_days.values_list("day", "name"))
    return worktime.WorkCalendar(
        calendar.time_zone,
        tuple(
            worktime.Window(*row)
            for row in calendar.windows.order_by("weekday", "opens").values_list(*WINDOW)
        ),
        closed,
    )


def holiday_years(at: datetime) -> range:
    """Return the years whose holidays an edition holds."""
    return range(at.year - 1, at.year + 3)


def public_holidays(country: str, region: str, years: Iterable[int]) -> dict[date, str]:
    if not country:
        return {}
    try:
        by_day = holidays.country_holidays(
            country, subdiv=region or None, years=years, language="en_US"
        )
    except NotImplementedError:
        place = f"{country}, {region}" if region else country
        raise worktime.BadCalendar(f"There is no holiday list for “{place}”.") from None
    return dict(by_day.items())


def refresh_editions(*, at: datetime) -> int:
    """Create editions for a new year or newly announced holidays; return how many changed."""
    changed = 0
    for calendar in WorkCalendar.objects.order_by("pk"):
        before = calendar.current_edition_id
        changed += edition_for(calendar, at=at).pk != before
    return changed


def value_of(edition_id: int | None) -> worktime.WorkCalendar:
    """Return the calendar of an edition; without one it is always open."""
    return worktime.ALWAYS_OPEN if edition_id is None else _edition_value(edition_id)


@lru_cache(maxsize=512)
def _edition_value(edition_id: int) -> worktime.WorkCalendar:
    content = CalendarEdition.objects.values_list("value", flat=True).get(pk=edition_id)
    return worktime.WorkCalendar.from_json(content)


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
