"""Write a calendar under its lock, if no other editor changed the same; it is live at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from core.merging import sent_base
from people.admin.calendar_editor.content import (
    SETTINGS,
    Content,
    Values,
    hours_key,
    merge_days,
)
from people.calendars import edition_for
from people.models import CalendarWindow, ClosedDay, WorkCalendar
from people.worktime import BadCalendar, NeverOpen, Window, overlap

Problems = Mapping[str, str]  # by the key of a value; under "" what concerns all of it


@dataclass(frozen=True)
class SavedCalendar:
    """The calendar before and after. With conflicts or problems, nothing was written."""

    before: Content
    after: Content
    conflicts: frozenset[str] = frozenset()
    problems: Problems = field(default_factory=dict)

    @property
    def is_written(self) -> bool:
        return not self.conflicts and not self.problems


def content_of(calendar: WorkCalendar) -> Content:
    windows = calendar.windows.values_list("weekday", "opens", "closes")
    closed = calendar.closed_days.order_by("day").values_list("day", "name")
    settings = {name: getattr(calendar, name) for name in SETTINGS}
    return Content(**settings, windows=tuple(Window(*row) for row in windows), closed=dict(closed))


def base_values(text: str, stored: Values) -> Values:
    """Return the values with which a page was shown; those it does not name are as stored."""
    return {**stored, **{key: str(value) for key, value in (sent_base(text) or {}).items()}}


def problems_of(content: Content, at: datetime, calendar_id: int | None) -> Problems:
    """Return why a calendar cannot be saved, by the field to change."""
    problems: dict[str, str] = {}
    if not content.name.strip():
        problems["name"] = "Enter a name."
    elif WorkCalendar.objects.filter(name=content.name).exclude(pk=calendar_id or 0).exists():
        problems["name"] = "Another calendar has this name."
    if both := overlap(content.windows):
        first, second = (str(CalendarWindow(**_columns(window))) for window in both)
        text = f"{first} and {second} overlap. Change or delete one of them."
        problems |= {hours_key(window.weekday): text for window in both}
    try:
        content.holidays(at)
    except BadCalendar as problem:
        problems["region" if content.region else "country"] = str(problem)
        return problems
    try:
        content.working_time(at).next_open(at)
    except NeverOpen as problem:
        problems[""] = str(problem)
    except BadCalendar as problem:
        problems["time_zone"] = str(problem)
    return problems


@transaction.atomic
def save(calendar_id: int, *, base: Values, mine: Values, at: datetime) -> SavedCalendar:
    calendar = WorkCalendar.objects.select_for_update(no_key=True).get(pk=calendar_id)
    before = content_of(calendar)
    merged = merge_days(base, before.as_values(), mine)
    after = Content.from_values(merged.values)
    saved = SavedCalendar(before, after, merged.conflicts, problems_of(after, at, calendar_id))
    if saved.is_written and before != after:
        _write(calendar, before, after, at)
    return saved


@transaction.atomic
def create(values: Values, *, at: datetime) -> tuple[WorkCalendar, SavedCalendar]:
    calendar, after = WorkCalendar(), Content.from_values(values)
    saved = SavedCalendar(Content(), after, problems=problems_of(after, at, None))
    if saved.is_written:
        _write(calendar, Content(), after, at)
    return calendar, saved


def _write(calendar: WorkCalendar, before: Content, after: Content, at: datetime) -> None:
    changed = [name for name in SETTINGS if getattr(after, name) != getattr(before, name)]
    for name in SETTINGS:
        setattr(calendar, name, getattr(after, name))
    if calendar.pk is None:
        calendar.save()
    elif changed:
        calendar.save(update_fields=changed)
    _write_windows(calendar, {*before.windows}, {*after.windows})
    _write_closed_days(calendar, before.closed, after.closed)
    edition_for(calendar, at=at)


def _write_windows(calendar: WorkCalendar, old: set[Window], new: set[Window]) -> None:
    """Replace the hours of the days that change."""
    days = {window.weekday for window in old ^ new}
    calendar.windows.filter(weekday__in=days).delete()
    CalendarWindow.objects.bulk_create(
        CalendarWindow(calendar=calendar, **_columns(window))
        for window in sorted(new)
        if window.weekday in days
    )


def _write_closed_days(
    calendar: WorkCalendar, old: Mapping[date, str], new: Mapping[date, str]
) -> None:
    changed = {day for day in {*old, *new} if old.get(day) != new.get(day)}
    calendar.closed_days.filter(day__in=changed & {*old}).delete()
    ClosedDay.objects.bulk_create(
        ClosedDay(calendar=calendar, day=day, name=name)
        for day, name in new.items()
        if day in changed
    )


def _columns(window: Window) -> dict[str, object]:
    return {"weekday": window.weekday, "opens": window.opens, "closes": window.closes}
