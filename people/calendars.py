"""From the rows operations edit to the pure calendar, frozen as editions that clocks run on."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

import holidays

from people import worktime
from people.models import CalendarEdition, WorkCalendar


def edition_for(calendar: WorkCalendar, *, at: datetime) -> CalendarEdition:
    """Return the edition that says what the calendar says now; an equal one is never doubled."""
    value = read(calendar, at=at)
    value.next_open(at)  # refuses a calendar that its closed days never let open
    content = value.as_json()
    edition, _ = CalendarEdition.objects.get_or_create(
        calendar=calendar, digest=_digest(content), defaults={"value": content}
    )
    if calendar.current_edition_id != edition.pk:
        calendar.current_edition = edition
        calendar.save(update_fields=["current_edition"])
    return edition


def read(calendar: WorkCalendar, *, at: datetime) -> worktime.WorkCalendar:
    """Holidays are frozen in with it, so a newer holiday list moves no deadline already given."""
    years = range(at.year - 1, at.year + 3)
    closed = public_holidays(calendar.country, calendar.region, years)
    closed |= dict(calendar.closed_days.values_list("day", "name"))
    return worktime.WorkCalendar(
        calendar.time_zone,
        tuple(
            worktime.Window(*row)
            for row in calendar.windows.values_list("weekday", "opens", "closes")
        ),
        closed,
    )


def public_holidays(country: str, region: str, years: Iterable[int]) -> dict[date, str]:
    if not country:
        return {}
    try:
        found = holidays.country_holidays(
            country, subdiv=region or None, years=years, language="en_US"
        )
    except NotImplementedError:
        place = f"{country}, {region}" if region else country
        raise worktime.BadCalendar(f"No holidays are known for “{place}”.") from None
    return dict(found.items())


def refresh_editions(*, at: datetime) -> int:
    """Bring every calendar's edition up to date: a new year, or newly announced holidays."""
    changed = 0
    for calendar in WorkCalendar.objects.order_by("pk"):
        before = calendar.current_edition_id
        changed += edition_for(calendar, at=at).pk != before
    return changed


def value_of(edition_id: int | None) -> worktime.WorkCalendar:
    """The frozen calendar of an edition; without one, time simply passes."""
    return worktime.ALWAYS_OPEN if edition_id is None else _edition_value(edition_id)


@lru_cache(maxsize=512)
def _edition_value(edition_id: int) -> worktime.WorkCalendar:
    content = CalendarEdition.objects.values_list("value", flat=True).get(pk=edition_id)
    return worktime.WorkCalendar.from_json(content)


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
