"""Bring the figures up to date with the log, and prove now and then that they are right."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum

from reporting.facts.milestones import (
    HANDOFF_MILESTONES,
    LEAD_MILESTONES,
    Milestones,
    Position,
    Span,
)
from reporting.models import LogCursor, Restatement
from reporting.rollups.build import HANDOFF_ROLLUP, LEAD_ROLLUP, Rollup

PAGE: Final = 100_000
LOCK: Final = 7_036_874
PAIRS: Final[tuple[tuple[Milestones, Rollup], ...]] = (
    (LEAD_MILESTONES, LEAD_ROLLUP),
    (HANDOFF_MILESTONES, HANDOFF_ROLLUP),
)


class StillCounting(Exception):
    """Somebody else is counting; what they do need not be done again."""


@dataclass(frozen=True)
class Page:
    """A piece of the log that is counted in one go."""

    end: Position
    events: int


@dataclass(frozen=True)
class Disagreement:
    what: str
    day: date
    says: str


def follow_log(*, at: datetime, wait: bool = True) -> int:
    """Count what is new in the log; the number of events read.

    Every committed event is counted. The cursor goes no further than the oldest transaction
    still open, so the next run reads on from there, and a row committed late is never skipped;
    reading an event twice changes nothing.
    """
    with _only_counter(wait), _one_moment():
        return _follow(at)


def rebuild(*, at: datetime) -> None:
    """Count all figures again from the first event."""
    with _only_counter(), _one_moment():
        _rebuild(at)


def prove(*, at: datetime) -> list[Restatement]:
    """Hold every figure against a full recount; repair what differs and say so."""
    with _only_counter(), _one_moment():
        _follow(at)
        zone = settings.REPORTING_TIME_ZONE
        restated = []
        for milestones, rollup in PAIRS:
            milestones.recount(zone)
            restated += _restate(rollup, at)
        return Restatement.objects.bulk_create(restated)


def disagreements(*, at: datetime) -> list[Disagreement]:
    """What a full recount would change; nothing is changed."""
    found = []
    with _only_counter(), _one_moment():
        _follow(at)
        for milestones, rollup in PAIRS:
            days = milestones.recount(settings.REPORTING_TIME_ZONE)
            found += [
                Disagreement(f"milestones of {rollup.basis}", day, "they differ from the log")
                for day in sorted(days)
            ]
            found += [
                Disagreement(f"figures of {rollup.basis}", day, f"{rows} rows differ")
                for day, rows in sorted(_differing_rows(rollup).items())
            ]
        transaction.set_rollback(True)
    return found


def counted_up_to() -> datetime | None:
    return LogCursor.objects.values_list("counted_at", flat=True).first()


def _follow(at: datetime) -> int:
    cursor = LogCursor.objects.first()
    if cursor is None or cursor.zone != settings.REPORTING_TIME_ZONE:
        return _rebuild(at)
    horizon = _horizon()
    position = (cursor.transaction, cursor.event)
    days: dict[Rollup, set[date]] = {rollup: set() for _, rollup in PAIRS}
    events = 0
    while page := _next_page(position):
        for milestones, rollup in PAIRS:
            days[rollup].update(milestones.follow(cursor.zone, Span(position, page.end)))
        position = page.end
        events += page.events
    for rollup, touched in days.items():
        if touched:
            rollup.replace(sorted(touched))
    _save(min(position, horizon), at)
    return events


def _rebuild(at: datetime) -> int:
    horizon = _horizon()
    for milestones, rollup in PAIRS:
        milestones.recount(settings.REPORTING_TIME_ZONE)
        rollup.replace()
    _save(horizon, at)
    return 0


def _restate(rollup: Rollup, at: datetime) -> list[Restatement]:
    differing = _differing_rows(rollup)
    if not differing:
        return []
    days = sorted(differing)
    was = _totals(rollup, days)
    rollup.replace(days)
    now = _totals(rollup, days)
    return [
        Restatement(
            found_at=at,
            rollup=rollup.basis,
            day=day,
            rows=differing[day],
            was=_unlike(was.get(day, {}), now.get(day, {})),
            now=_unlike(now.get(day, {}), was.get(day, {})),
        )
        for day in days
    ]


def _unlike(these: dict[str, int], those: dict[str, int]) -> dict[str, int]:
    return {code: count for code, count in these.items() if count != those.get(code, 0)}


def _differing_rows(rollup: Rollup) -> dict[date, int]:
    """How many rows of each day are not what a recount gives, or are missing."""
    fresh, parameters = rollup.counted()
    stored = f"SELECT {', '.join(rollup.columns)} FROM {rollup.table}"  # noqa: S608  (no input in it)
    sql = f"""
        WITH fresh AS ({fresh}), stored AS ({stored})
        SELECT day, count(DISTINCT ({", ".join(rollup.keys)})) FROM (
            (TABLE fresh EXCEPT ALL TABLE stored) UNION ALL (TABLE stored EXCEPT ALL TABLE fresh)
        ) AS differing
        GROUP BY day
    """  # noqa: S608  (no input in it)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return dict(cursor.fetchall())


def _totals(rollup: Rollup, days: Sequence[date]) -> dict[date, dict[str, int]]:
    rows = rollup.model._default_manager.filter(grain=rollup.grain_for(()), day__in=days)
    sums: dict[str, Any] = {f"sum_{code}": Sum(code) for code in rollup.counters}
    return {
        row["day"]: {code: row[f"sum_{code}"] for code in rollup.counters}
        for row in rows.values("day").annotate(**sums)
    }


def _next_page(after: Position) -> Page | None:
    sql = """
        SELECT transaction, id, count(*) OVER () FROM (
            SELECT transaction, id FROM leads_leadevent
            WHERE (transaction, id) > (%s, %s) ORDER BY transaction, id LIMIT %s
        ) AS page
        ORDER BY transaction DESC, id DESC LIMIT 1
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [*after, PAGE])
        row = cursor.fetchone()
    return Page(end=(row[0], row[1]), events=row[2]) if row else None


def _horizon() -> Position:
    """The place in the log before which nothing can be committed any more."""
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
            "counted_at": at,
        },
    )


@contextmanager
def _only_counter(wait: bool = True) -> Iterator[None]:
    lock = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s)", [LOCK])
        if cursor.fetchone()[0] is False:
            raise StillCounting
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


@contextmanager
def _one_moment() -> Iterator[None]:
    """All statements inside see the log of the same moment; a caller's transaction has its own."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
