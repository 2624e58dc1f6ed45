"""The values of a calendar, and the changes of two editors merged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Final

from core.merging import Merge, merge
from people import worktime
from people.admin.calendar_editor.hours import Hours
from people.calendars import holiday_years, public_holidays
from people.worktime import Window

Values = Mapping[str, str]  # by name of a setting, “hours-0” for Monday, “closed-2026-12-24”

SETTINGS: Final = ("name", "time_zone", "country", "region")
WEEKDAYS: Final = range(7)


def hours_key(weekday: int) -> str:
    return f"hours-{weekday}"


def closed_key(day: date) -> str:
    return f"closed-{day.isoformat()}"


@dataclass(frozen=True)
class Content:
    """A calendar as it is stored, or as it would be after a change."""

    name: str = ""
    time_zone: str = "UTC"
    country: str = ""
    region: str = ""
    windows: tuple[Window, ...] = ()
    closed: Mapping[date, str] = field(default_factory=dict)

    def hours(self, weekday: int) -> tuple[Hours, ...]:
        rows = sorted(row for row in self.windows if row.weekday == weekday)
        return tuple((row.opens, row.closes) for row in rows)

    def as_values(self) -> dict[str, str]:
        values = {name: str(getattr(self, name)) for name in SETTINGS}
        values |= {hours_key(day): hours_value(self.hours(day)) for day in WEEKDAYS}
        return values | {closed_key(day): name for day, name in self.closed.items()}

    @classmethod
    def from_values(cls, values: Values) -> Content:
        windows = [
            Window(weekday, *(time.fromisoformat(at) for at in period.split("-")))
            for weekday in WEEKDAYS
            for period in values.get(hours_key(weekday), "").split()
        ]
        closed = {
            date.fromisoformat(key.removeprefix("closed-")): name
            for key, name in values.items()
            if key.startswith("closed-") and name
        }
        settings = {name: values.get(name, "") for name in SETTINGS}
        return cls(**settings, windows=tuple(windows), closed=dict(sorted(closed.items())))

    def holidays(self, at: datetime) -> dict[date, str]:
        """Raise BadCalendar if the country or its region has no list of holidays."""
        return public_holidays(self.country, self.region, holiday_years(at))

    def working_time(self, at: datetime) -> worktime.WorkCalendar:
        """Return what timers would count with; raise BadCalendar for what cannot be saved."""
        closed = {**self.holidays(at), **self.closed}
        return worktime.WorkCalendar(self.time_zone, self.windows, closed)


def hours_value(hours: tuple[Hours, ...]) -> str:
    return " ".join(f"{opens.isoformat()}-{closes.isoformat()}" for opens, closes in hours)


def merge_days(base: Values, current: Values, mine: Values) -> Merge:
    """Merge as for any two editors; a day that one side does not have is empty there."""
    keys = base.keys() | current.keys() | mine.keys()

    def all_of(values: Values) -> dict[str, str]:
        return {key: values.get(key, "") for key in keys}

    return merge(all_of(base), all_of(current), all_of(mine))
