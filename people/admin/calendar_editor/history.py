"""List the changes of a calendar in words, from the events that the database recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, islice
from typing import Any, Final

from core.audit import Step, event_model_of, names_of_users, steps_of
from people.admin.calendar_editor.content import SETTINGS, Content
from people.admin.calendar_editor.difference import CalendarChange, changes_between
from people.models import CalendarWindow, ClosedDay, WorkCalendar
from people.worktime import Window

MAX_EVENTS: Final = 1000  # of each table, the newest
MAX_ENTRIES: Final = 6


@dataclass(frozen=True)
class HistoryEntry:
    """The changes of one transaction; `by` is empty for those of the system."""

    at: datetime
    by: str
    is_first: bool
    changes: Sequence[CalendarChange]


@dataclass
class State:
    """A calendar while its events are undone, the newest first."""

    settings: dict[str, str]
    windows: set[Window]
    closed: dict[date, str]
    is_new: bool = False

    @property
    def content(self) -> Content:
        return Content(
            **self.settings,
            windows=tuple(sorted(self.windows)),
            closed=dict(sorted(self.closed.items())),
        )

    def undo(self, step: Step) -> None:
        UNDO[step.event.pgh_tracked_model](self, *step)

    def undo_settings(self, event: Any, previous: Any) -> None:
        if event.pgh_label == "insert":
            self.is_new = True
        elif previous:
            self.settings = {name: getattr(previous, name) for name in SETTINGS}

    def undo_window(self, event: Any, previous: Any) -> None:
        if event.pgh_label != "delete":
            self.windows.discard(window_of(event))
        if row := _row_before(event, previous):
            self.windows.add(window_of(row))

    def undo_closed_day(self, event: Any, previous: Any) -> None:
        if event.pgh_label != "delete":
            self.closed.pop(event.day, None)
        if row := _row_before(event, previous):
            self.closed[row.day] = row.name


UNDO: Final = {
    WorkCalendar: State.undo_settings,
    CalendarWindow: State.undo_window,
    ClosedDay: State.undo_closed_day,
}


def read_history(calendar: WorkCalendar, content: Content) -> list[HistoryEntry]:
    """Return the newest changes of a calendar with this content."""
    steps = [
        step
        for model, belongs in (
            (WorkCalendar, {"pgh_obj": calendar.pk}),
            (CalendarWindow, {"calendar": calendar.pk}),
            (ClosedDay, {"calendar": calendar.pk}),
        )
        for step in steps_of(event_model_of(model), newest=MAX_EVENTS, **belongs)
    ]
    entries = list(islice(_entries(steps, content), MAX_ENTRIES))
    names = names_of_users(user_id for user_id, _ in entries)
    return [
        HistoryEntry(entry.at, names.get(user_id, ""), entry.is_first, entry.changes)
        for user_id, entry in entries
    ]


def _entries(steps: list[Step], content: Content) -> Iterator[tuple[int, HistoryEntry]]:
    """Yield each change with the id of its user, the newest first."""
    settings = {name: getattr(content, name) for name in SETTINGS}
    state = State(settings, set(content.windows), dict(content.closed))
    steps.sort(key=lambda step: (step.transaction[0], str(step.transaction[1]), step.event.pgh_id))
    for (at, _), group in groupby(reversed(steps), key=lambda step: step.transaction):
        together, after = list(group), state.content
        for step in together:
            state.undo(step)
        changes = () if state.is_new else changes_between(state.content, after)
        if changes or state.is_new:
            yield together[0].user_id, HistoryEntry(at, "", state.is_new, changes)


def _row_before(event: Any, previous: Any) -> Any:
    """Return the row as it was before an event, if that is known."""
    if event.pgh_label == "delete":
        return event
    return previous if event.pgh_label == "update" else None


def window_of(row: Any) -> Window:
    return Window(row.weekday, row.opens, row.closes)
