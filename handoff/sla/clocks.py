"""Start, warn, breach and stop clocks; nothing else writes them.

What happened is dated when it happened. A clock changes only under the lock of its handoff.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from django.db.models import QuerySet

from core.compiled import CompiledQuery
from core.unit_of_work import UnitOfWork, new_ids
from handoff.clock_kinds import CLOCK_KINDS, ClockKind, kinds_started_by, kinds_stopped_by
from handoff.models import Handoff, SlaClock
from handoff.sla.policy import PolicySpec
from leads.event_log import record
from leads.events import ClockBreached, ClockMet, ClockPayload, ClockWarned
from leads.models import EventKind, LeadEvent
from people.calendars import value_of


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
    event: EventKind = EventKind.OFFERED,
) -> tuple[PlannedClock, ...]:
    """Return the clocks that an event starts; a policy may have no target for a kind."""
    planned = []
    for kind in kinds_started_by(event):
        target = policy.target(kind.code, lead_type_id=lead_type_id, temperature=temperature)
        if target is None:
            continue
        calendar_id = edition_id if target.counts_business_time else None
        calendar = value_of(calendar_id)
        warn_at, due_at = calendar.add(at, target.warn_after), calendar.add(at, target.within)
        planned.append(PlannedClock(kind.code, target.id, calendar_id, at, warn_at, due_at))
    return tuple(planned)


def due_text(planned: Iterable[PlannedClock], kind: ClockKind) -> str:
    """Return when the clock of a kind is due, empty if there is none."""
    return next((clock.due_at.isoformat() for clock in planned if clock.kind == kind.code), "")


def start_clocks(
    work: UnitOfWork, planned: Iterable[PlannedClock], *, handoff_id: int, lead_id: int
) -> None:
    for clock in planned:
        work.add_row(
            SlaClock,
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


def first_due(clocks: Iterable[SlaClock | PlannedClock]) -> datetime | None:
    return min((clock.due_at for clock in clocks), default=None)


def keep_due_at(work: UnitOfWork, handoff: Handoff, clocks: Iterable[SlaClock]) -> None:
    """Let a handoff that stays open know which of its running clocks is due first."""
    work.set(handoff, due_at=first_due(clock for clock in clocks if clock.stopped_at is None))


def running_clocks(handoff_ids: Iterable[int]) -> list[SlaClock]:
    """Return the running clocks of handoffs that the caller has locked, the first due first."""
    return list(_running(handoff_ids))


def running_clocks_and_ids(handoff_id: int, *, events: int) -> tuple[list[SlaClock], list[int]]:
    """Return the running clocks of a locked handoff, and ids for events if any clock runs."""
    clocks = RUNNING_CLOCKS.rows(events, handoff_id=handoff_id)
    return clocks, getattr(clocks[0], "event_ids", []) if clocks else []


def _running(handoff_ids: Iterable[int]) -> QuerySet[SlaClock]:
    running = SlaClock.objects.filter(handoff__in=list(handoff_ids), stopped_at=None)
    return running.order_by("due_at", "pk").defer("started_at", "warn_at", "warned_at")


def _running_with_ids(events: int, *, handoff_id: int) -> QuerySet[SlaClock]:
    return _running([handoff_id]).annotate(event_ids=new_ids(LeadEvent, events))


RUNNING_CLOCKS: Final = CompiledQuery(_running_with_ids)


def all_clocks(handoff_id: int) -> list[SlaClock]:
    """Return the clocks of a handoff that the caller has locked, also those that stopped."""
    return list(SlaClock.objects.filter(handoff=handoff_id).order_by("due_at", "pk"))


def stop_clocks(
    work: UnitOfWork,
    clocks: Iterable[SlaClock],
    event: EventKind,
    *,
    at: datetime,
    actor_id: int | None = None,
) -> None:
    """Stop the clocks whose targets an event fulfills, in time or late.

    What counts is when the event happened: a clock that was breached or void before the event was
    recorded is met all the same.
    """
    codes = {kind.code for kind in kinds_stopped_by(event)}
    for clock in clocks:
        is_running = clock.stopped_at is None
        if clock.kind not in codes or not (is_running or not clock.is_met):
            continue
        if at < clock.due_at:
            is_corrected = clock.breached_at is not None or not is_running
            _record(work, ClockMet, clock, at=at, actor_id=actor_id, is_corrected=is_corrected)
            work.set(clock, breached_at=None, stopped_at=at, next_action_at=None, is_met=True)
        elif is_running:
            breach_if_due(work, clock, at=at)
            work.set(clock, stopped_at=at, next_action_at=None, is_met=False)


def cancel_clocks(work: UnitOfWork, clocks: Iterable[SlaClock], *, at: datetime) -> None:
    """Void clocks whose handoff ended another way; a clock that was due is breached."""
    for clock in clocks:
        if clock.stopped_at is None:
            breach_if_due(work, clock, at=at)
            work.set(clock, stopped_at=at, next_action_at=None)


def miss_clocks(work: UnitOfWork, clocks: Iterable[SlaClock], *, at: datetime) -> None:
    """Breach the clocks of a handoff that sales completed without what they waited for.

    Such a clock is not void: the lead was worked to its end, and no contact was logged.
    """
    for clock in clocks:
        if clock.stopped_at is None:
            if not breach_if_due(work, clock, at=at) and clock.breached_at is None:
                _breach(work, clock, at=at)
            work.set(clock, stopped_at=at, next_action_at=None)


def resume_clocks(work: UnitOfWork, handoff: Handoff) -> None:
    """Let the clocks run again that a reopened handoff still owes; a breach stays one."""
    clocks = all_clocks(handoff.pk)
    for clock in clocks:
        if getattr(handoff, CLOCK_KINDS[clock.kind].done_field) is None:
            work.set(clock, stopped_at=None)
    keep_due_at(work, handoff, clocks)


def breach_if_due(work: UnitOfWork, clock: SlaClock, *, at: datetime) -> bool:
    """Breach a clock at its due time, even if no sweep has seen it yet."""
    if clock.breached_at is not None or clock.due_at > at:
        return False
    _breach(work, clock, at=clock.due_at)
    return True


def _breach(work: UnitOfWork, clock: SlaClock, *, at: datetime) -> None:
    work.set(clock, breached_at=at, is_met=False, next_action_at=None)
    _record(work, ClockBreached, clock, at=at)


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
    **more: bool,
) -> None:
    event = payload(
        clock=clock.pk,
        kind=clock.kind,
        handoff=clock.handoff_id,
        due_at=clock.due_at.isoformat(),
        **more,
    )
    record(work, clock.lead_id, event, at=at, actor_id=actor_id)
