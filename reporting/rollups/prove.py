"""Prove that the rollups are what the log gives, and correct them where they are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import connection, transaction

from reporting.models import Restatement
from reporting.rollups.build import Rollup
from reporting.rollups.refresh import PAIRS, count_new_events, exclusive, one_snapshot


@dataclass(frozen=True)
class Difference:
    """Stored rows of one day that a recount would change."""

    subject: str
    day: date
    message: str


def prove(*, at: datetime) -> list[Restatement]:
    """Compare every figure with a full recount; correct and record what differs."""
    with exclusive(), one_snapshot():
        count_new_events(at)
        restatements = []
        for milestones, rollup in PAIRS:
            milestones.recount(settings.REPORTING_TIME_ZONE)
            restatements += _restate(rollup, at)
        return Restatement.objects.bulk_create(restatements)


def find_differences(*, at: datetime) -> list[Difference]:
    """Return what a full recount would change, and change nothing."""
    differences = []
    with exclusive(), one_snapshot():
        count_new_events(at)
        for milestones, rollup in PAIRS:
            days = milestones.recount(settings.REPORTING_TIME_ZONE)
            differences += [
                Difference(f"milestones of {rollup.basis}", day, "they differ from the log")
                for day in sorted(days)
            ]
            differences += [
                Difference(f"figures of {rollup.basis}", day, f"{rows} rows differ")
                for day, rows in sorted(_differing_rows(rollup).items())
            ]
        transaction.set_rollback(True)
    return differences


def _restate(rollup: Rollup, at: datetime) -> list[Restatement]:
    differing = _differing_rows(rollup)
    if not differing:
        return []
    days = sorted(differing)
    before = _totals(rollup, days)
    rollup.replace(days)
    after = _totals(rollup, days)
    return [
        Restatement(
            found_at=at,
            rollup=rollup.basis,
            day=day,
            rows=differing[day],
            was=_unequal(before.get(day, {}), after.get(day, {})),
            now=_unequal(after.get(day, {}), before.get(day, {})),
        )
        for day in days
    ]


def _unequal(counts: dict[str, int], others: dict[str, int]) -> dict[str, int]:
    return {code: count for code, count in counts.items() if count != others.get(code, 0)}


def _differing_rows(rollup: Rollup) -> dict[date, int]:
    """Return how many rows of each day differ from a recount, or are missing."""
    fresh, parameters = rollup.counted()
    stored = f"SELECT {', '.join(rollup.columns)} FROM {rollup.table}"  # noqa: S608  (no input in it)
    # Raw, because EXCEPT ALL of a GROUPING SETS query is beyond the ORM.
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
    rows = rollup.rows().filter(grain=rollup.mask(()), day__in=days)
    return {
        day: dict(zip(rollup.counters, counts, strict=True))
        for day, counts in rows.values_list("day", "counts")
    }
