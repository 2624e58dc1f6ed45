"""The only doors that start, warn, breach or stop a clock.

What happened is dated when it happened. Nobody moves a clock without holding its handoff's lock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from django.db import connection

from core.unit_of_work import UnitOfWork
from handoff.models import ClockKind, SlaClock
from handoff.sla.policy import PolicySpec
from leads.event_log import record
from leads.events import ClockBreached, ClockMet, ClockPayload, ClockWarned
from people.calendars import value_of

# In the order of the model's fields, as `from_db` wants them.
NEEDED_TO_MOVE: Final = (
    *("id", "handoff_id", "lead_id", "kind", "target_id", "calendar_id"),
    *("due_at", "next_action_at", "breached_at", "stopped_at"),
)
RUNNING: Final = f"""
    SELECT {", ".join(NEEDED_TO_MOVE)} FROM handoff_slaclock
    WHERE handoff_id = ANY(%s) AND stopped_at IS NULL ORDER BY due_at, id
"""  # noqa: S608  (no input in it)


@dataclass(frozen=True, slots=True)
class PlannedClock:
    kind: str
    target_id: int
    calendar_id: int | None
    started_at: datetime
    warn_at: datetime
    due_at: datetime


@lru_cache(maxsize=256)
def plan_clocks(
    policy: PolicySpec,
    *,
    lead_type_id: int | None,
    temperature: str,
    edition_id: int | None,
    at: datetime,
) -> tuple[PlannedClock, ...]:
    """The clocks that an offer at `at` starts; a policy may promise nothing for a kind."""
    planned = []
    for kind in ClockKind.values:
        target = policy.target(kind, lead_type_id=lead_type_id, temperature=temperature)
        if target is None:
            continue
        calendar_id = edition_id if target.counts_business_time else None
        calendar = value_of(calendar_id)
        warn_at, due_at = calendar.add(at, target.warn_after), calendar.add(at, target.within)
        planned.append(PlannedClock(kind, target.id, calendar_id, at, warn_at, due_at))
    return tuple(planned)


def start_clocks(
    work: UnitOfWork, planned: Iterable[PlannedClock], *, handoff_id: int, lead_id: int
) -> None:
    for clock in planned:
        work.add(
            SlaClock(
                handoff_id=handoff_id,
                lead_id=lead_id,
                kind=clock.kind,
                target_id=clock.target_id,
                calendar_id=clock.calendar_id,
                started_at=clock.started_at,
                warn_at=clock.warn_at,
                due_at=clock.due_at,
                next_action_at=clock.warn_at,
            )
        )


def running_clocks(handoff_ids: Iterable[int]) -> list[SlaClock]:
    """What still runs for handoffs whose locks the caller holds, the first due first."""
    with connection.cursor() as cursor:
        cursor.execute(RUNNING, [list(handoff_ids)])
        rows = cursor.fetchall()
    return [SlaClock.from_db(connection.alias, NEEDED_TO_MOVE, row) for row in rows]


def stop_clock(
    work: UnitOfWork,
    clocks: Iterable[SlaClock],
    kind: ClockKind,
    *,
    at: datetime,
    actor_id: int | None = None,
) -> None:
    """Stop the running clock of a kind because its promise was fulfilled, in time or late."""
    for clock in clocks:
        if clock.kind == kind and clock.stopped_at is None:
            breach_if_due(work, clock, at=at)
            if clock.breached_at is None:
                _record(work, ClockMet, clock, at=at, actor_id=actor_id)
            work.set(clock, stopped_at=at, next_action_at=None, is_met=clock.breached_at is None)


def cancel_clocks(work: UnitOfWork, clocks: Iterable[SlaClock], *, at: datetime) -> None:
    """The handoff ended another way: what was not due yet is void, what was due is a breach."""
    for clock in clocks:
        if clock.stopped_at is None:
            breach_if_due(work, clock, at=at)
            work.set(clock, stopped_at=at, next_action_at=None)


def breach_if_due(work: UnitOfWork, clock: SlaClock, *, at: datetime) -> bool:
    """Mark a missed promise at its due time, even if no sweep has seen it yet."""
    if clock.breached_at is not None or clock.due_at > at:
        return False
    work.set(clock, breached_at=clock.due_at, is_met=False, next_action_at=None)
    _record(work, ClockBreached, clock, at=clock.due_at)
    return True


def warn(work: UnitOfWork, clock: SlaClock, *, at: datetime) -> None:
    work.set(clock, warned_at=at, next_action_at=clock.due_at)
    _record(work, ClockWarned, clock, at=at)


def _record(
    work: UnitOfWork,
    payload: type[ClockPayload],
    clock: SlaClock,
    *,
    at: datetime,
    actor_id: int | None = None,
) -> None:
    event = payload(
        clock=clock.pk,
        kind=clock.kind,
        handoff=clock.handoff_id,
        due_at=clock.due_at.isoformat(),
    )
    record(work, clock.lead_id, event, at=at, actor_id=actor_id)
