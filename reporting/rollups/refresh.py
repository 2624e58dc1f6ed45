"""Bring the rollups up to date with the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from leads.models import LeadEvent
from reporting.facts.milestones import (
    HANDOFF_MILESTONES,
    LEAD_MILESTONES,
    LogSpan,
    Milestones,
    Position,
)
from reporting.models import LogCursor
from reporting.rollups.build import HANDOFF_ROLLUP, LEAD_ROLLUP, Rollup, counter_order

MAX_EVENTS: Final = 100_000
ADVISORY_LOCK: Final = 7_036_874
PAIRS: Final[tuple[tuple[Milestones, Rollup], ...]] = (
    (LEAD_MILESTONES, LEAD_ROLLUP),
    (HANDOFF_MILESTONES, HANDOFF_ROLLUP),
)


class RefreshInProgress(Exception):
    """Another process refreshes the figures right now."""


@dataclass(frozen=True)
class LogBatch:
    """Part of the log that is counted at once."""

    end: Position
    events: int


def follow_log(*, at: datetime, wait: bool = True) -> int:
    """Count what is new in the log and return the number of events read.

    The cursor stops at the oldest open transaction, so that a row committed late is never
    skipped. Reading an event twice changes nothing.
    """
    with exclusive(wait), one_snapshot():
        return count_new_events(at)


def rebuild(*, at: datetime) -> None:
    """Count all figures again from the first event."""
    with exclusive(), one_snapshot():
        _rebuild(at)


def updated_at() -> datetime | None:
    return LogCursor.objects.values_list("counted_at", flat=True).first()


def count_new_events(at: datetime) -> int:
    """Count what is new; the caller holds the lock and a snapshot."""
    cursor = LogCursor.objects.first()
    if cursor is None or cursor.zone != settings.REPORTING_TIME_ZONE:
        return _rebuild(at)
    horizon = _horizon()
    position = (cursor.transaction, cursor.event)
    days: dict[Rollup, set[date]] = {rollup: set() for _, rollup in PAIRS}
    events = 0
    while batch := _next_batch(position):
        for milestones, rollup in PAIRS:
            days[rollup].update(milestones.follow(cursor.zone, LogSpan(position, batch.end)))
        position = batch.end
        events += batch.events
    for _, rollup in PAIRS:
        # A counter was added or removed: the stored rows have other counts than the registry.
        if cursor.counters.get(rollup.basis) != rollup.counters:
            rollup.replace()
        elif days[rollup]:
            rollup.replace(sorted(days[rollup]))
    _save(min(position, horizon), at)
    return events


def _rebuild(at: datetime) -> int:
    horizon = _horizon()
    for milestones, rollup in PAIRS:
        milestones.recount(settings.REPORTING_TIME_ZONE)
        rollup.replace()
    _save(horizon, at)
    return 0


def _next_batch(after: Position) -> LogBatch | None:
    # Comparing rows, (transaction, id) > (…), is what lets the index find the place to go on.
    sql = f"""
        SELECT transaction, id, count(*) OVER () FROM (
            SELECT transaction, id FROM {LeadEvent._meta.db_table}
            WHERE (transaction, id) > (%s, %s) ORDER BY transaction, id LIMIT %s
        ) AS batch
        ORDER BY transaction DESC, id DESC LIMIT 1
    """  # noqa: S608  (no input in it)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*after, MAX_EVENTS])
        row = cursor.fetchone()
    return LogBatch(end=(row[0], row[1]), events=row[2]) if row else None


def _horizon() -> Position:
    """Return the place in the log before which nothing can be committed any more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return (cursor.fetchone()[0], 0)


def _save(position: Position, at: datetime) -> None:
    LogCursor.objects.update_or_create(
        pk=1,
        defaults={
            "transaction": position[0],
            "event": position[1],
            "zone": settings.REPORTING_TIME_ZONE,
            "counters": counter_order(),
            "counted_at": at,
        },
    )


@contextmanager
def exclusive(wait: bool = True) -> Iterator[None]:
    """Hold the lock of all refreshes; raise RefreshInProgress instead of waiting for it."""
    lock = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s)", [ADVISORY_LOCK])
        if cursor.fetchone()[0] is False:
            raise RefreshInProgress
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Let all statements inside see the log as of one moment.

    Inside a caller's transaction its isolation level holds.
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
