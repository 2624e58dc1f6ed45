"""The clocks of a lead as a page shows them, each with the explanation of its deadline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from handoff.clock_kinds import CLOCK_KINDS
from handoff.models import SlaClock
from handoff.sla.deadlines import Deadline
from handoff.sla.explain import DeadlineExplanation, explain_deadline

STATE_LABELS = {
    "met": "Met",
    "late": "Met late",
    "breached": "Breached",
    "void": "No longer due",
    "soon": "Due soon",
    "running": "Running",
}


@dataclass(frozen=True, slots=True)
class ClockStatus:
    clock: SlaClock
    state: str
    explanation: DeadlineExplanation
    at: datetime

    @property
    def label(self) -> str:
        return CLOCK_KINDS[self.clock.kind].label

    @property
    def waits_for(self) -> str:
        return CLOCK_KINDS[self.clock.kind].waits_for

    @property
    def deadline(self) -> Deadline:
        clock = self.clock
        return Deadline.of(
            CLOCK_KINDS[clock.kind],
            started_at=clock.started_at,
            warn_at=clock.warn_at,
            due_at=clock.due_at,
            calendar_id=clock.calendar_id,
            now=timezone.localtime(self.at),
        )

    @property
    def badge(self) -> str:
        """Return the state as `components/_clock_badge.html` knows it."""
        return {"late": "breached", "void": "paused"}.get(self.state, self.state)

    @property
    def text(self) -> str:
        return STATE_LABELS[self.state]

    @property
    def is_running(self) -> bool:
        return self.clock.stopped_at is None


def clock_statuses(clocks: Iterable[SlaClock], *, at: datetime) -> list[ClockStatus]:
    return [
        ClockStatus(clock, state_of(clock, at), explain_deadline(clock), at) for clock in clocks
    ]


def state_of(clock: SlaClock, at: datetime) -> str:
    """Return the state at `at`: a passed deadline is breached before any sweep has seen it."""
    if clock.stopped_at is None:
        if clock.due_at <= at:
            return "breached"
        return "soon" if clock.warn_at <= at else "running"
    if clock.is_met is None:
        return "void"
    if clock.is_met:
        return "met"
    return "late" if clock.stopped_at and was_stopped_by_its_action(clock) else "breached"


def was_stopped_by_its_action(clock: SlaClock) -> bool:
    """Tell an action that came late from a handoff that ended without it."""
    handoff, stopped_at = clock.handoff, clock.stopped_at
    if stopped_at == getattr(handoff, CLOCK_KINDS[clock.kind].done_field):
        return True
    # Of several actions of a kind, a handoff keeps the moment of the last.
    return handoff.closed_at is None or (stopped_at is not None and stopped_at < handoff.closed_at)
