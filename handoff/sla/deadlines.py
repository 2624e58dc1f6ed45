"""A running deadline in the words of a page: when it is due, and the working time left."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from core.formatting import duration_text, weekday_time_text, working_time_text
from handoff.clock_kinds import ClockKind
from people.calendars import value_of


class Deadline(NamedTuple):
    """The parts of components/deadline.jinja."""

    due_at: datetime
    due_text: str
    left_text: str
    state: str
    waits_for: str
    rule: str

    @classmethod
    def of(
        cls,
        kind: ClockKind,
        *,
        started_at: datetime,
        warn_at: datetime,
        due_at: datetime,
        calendar_id: int | None,
        now: datetime,
    ) -> Deadline:
        """Return the deadline as of `now`, whose zone is the reader's."""
        calendar = value_of(calendar_id)
        text = duration_text if calendar_id is None else working_time_text
        is_late = due_at <= now
        first, last = sorted((due_at, now))
        left_text = text(calendar.between(first, last))
        return cls(
            due_at=due_at,
            due_text=weekday_time_text(due_at, now),
            left_text=f"{left_text} late" if is_late else left_text,
            state="late" if is_late else "soon" if warn_at <= now else "on_time",
            waits_for=kind.waits_for,
            rule=(
                f"{text(calendar.between(started_at, due_at))} {kind.waits_for}, "
                f"from {weekday_time_text(started_at, now)}. "
                f"Amber from {weekday_time_text(warn_at, now)}, red when late."
            ),
        )
