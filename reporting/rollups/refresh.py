"""Bring the rollups up to date with the log."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from core.days import day_of, start_of
from leads import event_log
from leads.models import LeadEvent
from reporting.facts.log_span import LogSpan, Position
from reporting.facts.milestones import HANDOFF_MILESTONES, LEAD_MILESTONES, Milestones
from reporting.models import LogCursor, Restatement
from reporting.restatement_causes import LATE, Cause
from reporting.rollups.build import HANDOFF_ROLLUP, LEAD_ROLLUP, Rollup, counter_order
from reporting.rollups.differences import Differences

MAX_EVENTS: Final = 100_000
# An event just before midnight is recorded just after it.
GRACE: Final = timedelta(days=1)
ADVISORY_LOCK: Final = 7_036_874
PAIRS: Final[tuple[tuple[Milestones, Rollup], ...]] = (
    (LEAD_MILESTONES, LEAD_ROLLUP),
    (HANDOFF_MILESTONES, HANDOFF_ROLLUP),
)


class RefreshInProgress(Exception):
    """Another process refreshes the figures right now."""


@dataclass(frozen=True)
class LogBatch:
    """Part of the log that is counted at once; `late` tells which causes of LATE it has."""

    span: LogSpan
    events: int
    late: Sequence[bool]


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
    horizon, cluster = _log_end()
    if cursor is None or _is_of_another(cluster, cursor):
        return _rebuild(at)
    position = (cursor.transaction, cursor.event)
    closed = _closed(cursor.counted_at)
    batches = list(_batches(position, closed))
    spans = [replace(batch.span, closed=closed) for batch in batches]
    causes = [
        cause for place, cause in enumerate(LATE) if any(batch.late[place] for batch in batches)
    ]
    # Events on time first, so that a restatement has only what its cause changed.
    _count(spans, cursor, without=causes)
    for number, cause in enumerate(causes):
        _count(spans, cursor, only=cause, without=causes[:number], at=at)
    end = spans[-1].up_to if spans else position
    _save(min(end, horizon), cluster, at)
    return sum(batch.events for batch in batches)


def rebuild_is_due() -> bool:
    """Return whether the next refresh counts everything again."""
    cursor = LogCursor.objects.first()
    return cursor is None or _is_of_another(_log_end()[1], cursor)


def _is_of_another(cluster: str, cursor: LogCursor) -> bool:
    # The cluster is another one after a restore from a backup of another server.
    return cursor.zone != settings.REPORTING_TIME_ZONE or cursor.cluster != cluster


def _count(
    spans: Sequence[LogSpan],
    cursor: LogCursor,
    *,
    without: Sequence[Cause],
    only: Cause | None = None,
    at: datetime | None = None,
) -> None:
    """Count the leads of the spans, those of one cause as a restatement."""
    others = tuple(cause.events for cause in without)
    parts = [replace(span, only=only.events if only else "", without=others) for span in spans]
    touched = [leads for part in parts if (leads := part.lead_ids()).ids]
    restatements: list[Restatement] = []
    for milestones, rollup in PAIRS:
        days: set[date] = set()
        differences = Differences(rollup)
        for leads in touched:
            differences.subtract(leads)
            days.update(milestones.recount_leads(cursor.zone, leads))
            differences.add(leads)
        # A counter was added or removed: the stored rows have other counts than the registry.
        if only is None and cursor.counters.get(rollup.basis) != rollup.counters:
            rollup.replace()
        elif only is None:
            differences.apply(days)
        elif at is not None:
            restatements += _restated(rollup, differences, days, only, at)
    Restatement.objects.bulk_create(restatements)


def _restated(
    rollup: Rollup, differences: Differences, days: Collection[date], cause: Cause, at: datetime
) -> list[Restatement]:
    """Apply the differences, and compare each month that had figures with what was published."""
    before = rollup.totals_by_month(days)
    differences.apply(days)
    after = rollup.totals_by_month(days)
    return [
        Restatement(
            found_at=at,
            rollup=rollup.basis,
            day=month,
            last_day=_last_day(month),
            cause=cause.code,
            was=unequal(before[month], after.get(month, {})),
            now=unequal(after.get(month, {}), before[month]),
        )
        for month in sorted(before)
        if before[month] != after.get(month)
    ]


def unequal(counts: Mapping[str, int], others: Mapping[str, int]) -> dict[str, int]:
    return {code: count for code, count in counts.items() if count != others.get(code, 0)}


def _last_day(month: date) -> date:
    return (month + timedelta(31)).replace(day=1) - timedelta(1)


def _closed(counted_at: datetime) -> datetime:
    """Return when the month began that was open at the last count, or just before it."""
    return start_of(day_of(counted_at - GRACE).replace(day=1))


def _rebuild(at: datetime) -> int:
    horizon, cluster = _log_end()
    if LogCursor.objects.exclude(cluster=cluster).exists():
        event_log.forget_transactions(since=horizon[0])
    for milestones, rollup in PAIRS:
        milestones.recount(settings.REPORTING_TIME_ZONE)
        rollup.replace()
    _save(horizon, cluster, at)
    return 0


def _batches(position: Position, closed: datetime) -> Iterator[LogBatch]:
    while batch := _next_batch(position, closed):
        yield batch
        position = batch.span.up_to


def _next_batch(after: Position, closed: datetime) -> LogBatch | None:
    late = ", ".join(f"coalesce(bool_or({cause.events}) OVER (), false)" for cause in LATE)
    # Comparing rows, (transaction, id) > (…), is what lets the index find the place to go on.
    sql = f"""
        SELECT transaction, id, count(*) OVER (), {late} FROM (
            SELECT transaction, id, kind, occurred_at, payload FROM {LeadEvent._meta.db_table}
            WHERE (transaction, id) > (%(after_transaction)s, %(after_id)s)
            ORDER BY transaction, id LIMIT %(most)s
        ) AS batch
        ORDER BY transaction DESC, id DESC LIMIT 1
    """  # noqa: S608  (no input in it)
    values: dict[str, int | datetime] = {
        "after_transaction": after[0],
        "after_id": after[1],
        "most": MAX_EVENTS,
        "closed": closed,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
    if row is None:
        return None
    return LogBatch(LogSpan(after, (row[0], row[1])), events=row[2], late=row[3:])


def _log_end() -> tuple[Position, str]:
    """Return the place in the log before which nothing can be committed any more, and the cluster.

    Transactions are numbered by the cluster, so the place means nothing in another one.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
            " (SELECT system_identifier::text FROM pg_control_system())"
        )
        transaction_id, cluster = cursor.fetchone()
        return (transaction_id, 0), cluster


def _save(position: Position, cluster: str, at: datetime) -> None:
    LogCursor.objects.update_or_create(
        pk=1,
        defaults={
            "transaction": position[0],
            "event": position[1],
            "cluster": cluster,
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
