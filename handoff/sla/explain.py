"""Explain a deadline: every counted and skipped interval, up to the due time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from handoff.models import SlaClock
from people.calendars import value_of
from people.worktime import Span


@dataclass(frozen=True, slots=True)
class DeadlineExplanation:
    """`spans` tile `started_at` to `due_at`; the counted ones add up to `within`."""

    zone: str
    started_at: datetime
    due_at: datetime
    within: timedelta
    spans: list[Span]


def explain_deadline(clock: SlaClock) -> DeadlineExplanation:
    """Recount on the pinned target and calendar, so that the explanation never changes."""
    calendar = value_of(clock.calendar_id)
    within = timedelta(minutes=clock.target.within_minutes)
    return DeadlineExplanation(
        zone=calendar.zone,
        started_at=clock.started_at,
        due_at=clock.due_at,
        within=within,
        spans=calendar.explain(clock.started_at, within),
    )
