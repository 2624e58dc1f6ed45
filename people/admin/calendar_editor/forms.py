"""The form of a calendar: settings, hours typed as rows of each day, closed days."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst

from core.formatting import date_text
from people.admin.calendar_editor.content import (
    SETTINGS,
    WEEKDAYS,
    Content,
    Values,
    closed_key,
    hours_key,
    hours_value,
    merge_days,
)
from people.admin.calendar_editor.hours import (
    Hours,
    HoursError,
    TypedHours,
    UnfinishedHours,
    hours_of,
    length_of,
    typed_as,
)
from people.admin.calendar_editor.words import countries, hours_text, periods_text, regions_of
from people.forms import time_zones
from people.models import CalendarWindow
from people.worktime import Window

MAX_ROWS: Final = 100  # opening hours of one day
MAX_CLOSED_DAYS: Final = 60  # added at once
CONFLICT: Final = (
    "Another user changed this meanwhile. Yours is not saved yet. Save again to replace theirs."
)


class SettingsForm(forms.Form):
    name = forms.CharField(max_length=100, label="Name", required=False)  # checked when saved
    time_zone = forms.ChoiceField(choices=time_zones, label="Time zone")
    country = forms.ChoiceField(
        label="Public holidays of",
        required=False,
        error_messages={"invalid_choice": "There is no holiday list for “%(value)s”."},
    )
    region = forms.ChoiceField(
        label="Region",
        required=False,
        error_messages={"invalid_choice": "“%(value)s” is not a region of this country."},
    )

    def __init__(self, shown: Values, sent: Mapping[str, Any] | None = None) -> None:
        super().__init__(sent, initial=dict(shown), auto_id="calendar-%s")
        self.use_required_attribute = False
        values: Mapping[str, Any] = shown if sent is None else sent
        country: Any = self.fields["country"]
        country.choices = with_choice(
            [("", "No public holidays"), *countries()], values.get("country")
        )
        region: Any = self.fields["region"]
        own = shown.get("region") if values.get("country") == shown.get("country") else ""
        region.choices = with_choice(
            [("", "The whole country"), *regions_of(values.get("country") or "")], own
        )
        zone: Any = self.fields["time_zone"]
        zone.choices = with_choice(time_zones(), shown.get("time_zone"))


def with_choice(choices: list[tuple[str, str]], code: str | None) -> list[tuple[str, str]]:
    """Keep what is stored, even if it is not offered anymore."""
    known = not code or any(code == value for value, _ in choices)
    return choices if known else [*choices, (str(code), str(code))]


class ClosedDaysForm(forms.Form):
    """Days to close, such as the week of Christmas."""

    day = forms.DateField(
        label="Closed on", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    last_day = forms.DateField(
        label="Last day, if several", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    name = forms.CharField(
        label="Name",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, sent: QueryDict | None = None, *, is_checked: bool = True) -> None:
        super().__init__(sent, prefix="new", auto_id="calendar-%s", use_required_attribute=False)
        self.is_checked = is_checked

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        day, last, name = data.get("day"), data.get("last_day"), data.get("name", "").strip()
        if day and last and last < day:
            self.add_error("last_day", "The last day is before the first.")
        elif day and last and (last - day).days >= MAX_CLOSED_DAYS:
            self.add_error("last_day", f"Close at most {MAX_CLOSED_DAYS} days at once.")
        if self.is_checked and day and not name:
            self.add_error("name", "Enter a name, such as Company holiday.")
        if self.is_checked and not day and (name or last) and "day" not in self.errors:
            self.add_error("day", "Enter the day.")
        return data

    @property
    def days(self) -> dict[date, str]:
        """Return the days to close; none while the row is not complete."""
        if not self.is_bound or not self.is_valid():
            return {}
        data = self.cleaned_data
        day, name = data.get("day"), data["name"].strip()
        if not day or not name:
            return {}
        last = data.get("last_day") or day
        return {day + timedelta(days=number): name for number in range((last - day).days + 1)}


@dataclass
class DayHours:
    """The rows of a weekday as typed, read into hours, and what is wrong with them.

    A row that lacks a time is not an error yet while it `may_be_unfinished`.
    """

    weekday: int
    typed: list[TypedHours]
    may_be_unfinished: bool = False
    errors: list[str] = field(default_factory=list)
    is_unfinished: bool = False

    def __post_init__(self) -> None:
        self.hours: list[Hours] = []
        for row in self.typed:
            try:
                hours = hours_of(row)
            except UnfinishedHours as problem:
                self.is_unfinished = True
                self.errors += [] if self.may_be_unfinished else [str(problem)]
            except HoursError as problem:
                self.errors.append(str(problem))
            else:
                self.hours += [hours] if hours else []
        starts = [opens for opens, _ in self.hours]
        if len(starts) > len(set(starts)):
            self.errors.append("Two rows open at the same time. Change or clear one of them.")

    @classmethod
    def of(cls, weekday: int, hours: tuple[Hours, ...]) -> DayHours:
        return cls(weekday, [typed_as(row) for row in hours])

    @classmethod
    def sent(cls, weekday: int, data: QueryDict, *, is_final: bool) -> DayHours:
        rows = (
            TypedHours(
                data.get(f"{weekday}-{row}-opens", ""),
                data.get(f"{weekday}-{row}-closes", ""),
                f"{weekday}-{row}-next" in data,
            )
            for row in range(MAX_ROWS)
        )
        typed = [row for row in rows if not row.is_empty]
        return cls(weekday, typed, may_be_unfinished=not is_final)

    @property
    def is_complete(self) -> bool:
        return not self.errors and not self.is_unfinished

    @property
    def name(self) -> str:
        return str(CalendarWindow.Weekday(self.weekday).label)

    @property
    def value(self) -> str:
        return hours_value(tuple(sorted(self.hours)))

    @property
    def rows(self) -> list[TypedHours]:
        """Return what is typed, or an empty row."""
        return self.typed or [TypedHours()]

    @property
    def next_row(self) -> int:
        return len(self.rows)

    @property
    def actions(self) -> list[tuple[str, str]]:
        """Return what the buttons of a day send, and what they say."""
        labels = {
            "copy": "Copy to Mon–Fri",
            "copyall": "Copy to all days",
            "open": "24 hours",
            "close": "Closed",
        }
        return [(f"{verb}-{self.weekday}", label) for verb, label in labels.items()]

    @property
    def words(self) -> str:
        return capfirst(periods_text(self.hours))

    @property
    def length(self) -> str:
        lengths = [length_of(hours) for hours in self.hours]
        return hours_text(sum(lengths, timedelta())) if lengths else "closed"


class CalendarForm:
    """The fields as stored, or as typed over the values that a page was shown with (`base`)."""

    def __init__(
        self, stored: Content, base: Values, data: QueryDict | None = None, *, is_final: bool = True
    ) -> None:
        self.base = base
        self.is_bound = data is not None
        self.values: Values | None = None  # what saving would store, if it can be read
        self.conflicts: frozenset[str] = frozenset()
        self.has_problems = False
        self.problem = ""
        self.closed_errors: list[str] = []
        self.changed_day: int | None = None
        shown = stored.as_values()
        if data is None:
            self.settings = SettingsForm(shown)
            self.days = [DayHours.of(day, stored.hours(day)) for day in WEEKDAYS]
            self.new = ClosedDaysForm()
            self.removed: frozenset[date] = frozenset()
            self.closed = dict(stored.closed)
            return
        sent = {
            name: data.get(name, "") if data.get(name, "") != base.get(name) else shown[name]
            for name in SETTINGS
            if name in data
        }
        sent = {**shown, **sent}
        is_moved = sent["country"] != base.get("country")
        if is_moved and sent["region"] not in dict(regions_of(sent["country"])):
            sent["region"] = ""
        self.settings = SettingsForm(shown, sent)
        self.days = [self._day(day, stored, data, is_final) for day in WEEKDAYS]
        self.new = ClosedDaysForm(data, is_checked=is_final)
        self.removed = frozenset(filter(None, map(day_of, data.getlist("remove"))))
        self.closed = self._shown_closed_days(stored, data)
        if days := self.new.days:
            self.closed |= days
            self.new = ClosedDaysForm()
        self._act(data.get("do", ""))
        if self.is_valid:
            mine = self._typed_values()
            merged = merge_days(base, shown, mine)
            self.conflicts = merged.conflicts
            self.values = {**merged.values, **{key: mine[key] for key in self.conflicts}}

    def _day(self, weekday: int, stored: Content, data: QueryDict, is_final: bool) -> DayHours:
        """Show what another user stored where nothing was typed over it."""
        typed = DayHours.sent(weekday, data, is_final=is_final)
        key = hours_key(weekday)
        is_untouched = f"{weekday}-0-opens" not in data or (
            typed.is_complete and typed.value == self.base.get(key, "")
        )
        return DayHours.of(weekday, stored.hours(weekday)) if is_untouched else typed

    def _shown_closed_days(self, stored: Content, data: QueryDict) -> dict[date, str]:
        """Return the stored days and those that were typed before, but for what is removed."""
        days = dict(stored.closed)
        for key in data:
            day = day_of(key.removeprefix("closed-")) if key.startswith("closed-") else None
            name = str(data[key]).replace("\0", "").strip()[:100]
            if day and name and name != self.base.get(key, ""):
                days[day] = name
        return {day: days[day] for day in days if day in stored.closed or day not in self.removed}

    def _act(self, action: str) -> None:
        """Do what a button of a day says: copy its hours, open it for 24 hours or close it."""
        verb, _, number = action.partition("-")
        if not number.isdecimal() or int(number) not in WEEKDAYS:
            return
        self.changed_day = weekday = int(number)
        typed = self.days[weekday].typed
        if verb == "copy":
            targets = WEEKDAYS[:5]
        elif verb == "copyall":
            targets = WEEKDAYS
        else:
            targets = WEEKDAYS[weekday : weekday + 1]
            typed = [TypedHours("24 hours")] if verb == "open" else []
        for target in targets:
            self.days[target] = DayHours(target, list(typed))

    @property
    def base_text(self) -> str:
        return json.dumps(dict(self.base))

    @property
    def is_valid(self) -> bool:
        is_new_valid = not self.new.is_bound or self.new.is_valid()
        return (
            self.settings.is_valid() and is_new_valid and all(day.is_complete for day in self.days)
        )

    def shown(self, stored: Content) -> Content:
        """Return what saving would store, or what can be read of it so far."""
        if self.values is not None:
            return Content.from_values(self.values)
        settings = self.settings.cleaned_data if self.settings.is_valid() else {}
        windows = [
            Window(day.weekday, *hours)
            for day in self.days
            for hours in (day.hours if day.is_complete else stored.hours(day.weekday))
        ]
        closed = {day: name for day, name in self.closed.items() if day not in self.removed}
        return replace(stored, **settings, windows=tuple(windows), closed=closed)

    def _typed_values(self) -> Values:
        """Return the values as of the page, over those with which it was shown."""
        settings = {name: self.settings.cleaned_data.get(name, "").strip() for name in SETTINGS}
        hours = {hours_key(day.weekday): day.value for day in self.days}
        closed = {
            closed_key(day): "" if day in self.removed else name
            for day, name in self.closed.items()
        }
        return {**self.base, **settings, **hours, **closed}

    def show_conflicts(self, keys: frozenset[str]) -> None:
        self._show(dict.fromkeys(sorted(keys), CONFLICT))

    def show_problems(self, problems: Mapping[str, str]) -> None:
        self.has_problems = bool(problems)
        self._show(problems)

    def _show(self, problems: Mapping[str, str]) -> None:
        """Show each problem beside the field that it is about."""
        for key, text in problems.items():
            if key in SETTINGS:
                self.settings.add_error(key, text)
            elif key.startswith("hours-"):
                self.days[int(key.removeprefix("hours-"))].errors.append(text)
            elif day := day_of(key.removeprefix("closed-")):
                self.closed_errors.append(f"{date_text(day)}: {text}")
            else:
                self.problem = text


def day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
