"""Prove that the rollups are what the log gives, and correct them where they are not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import connection, transaction

from reporting.models import Restatement
from reporting.restatement_causes import PROOF
from reporting.rollups.build import Rollup
from reporting.rollups.refresh import PAIRS, count_new_events, exclusive, one_snapshot, unequal


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
    before = rollup.totals(days)
    rollup.replace(days)
    after = rollup.totals(days)
    return [
        Restatement(
            found_at=at,
            rollup=rollup.basis,
            day=day,
            last_day=day,
            cause=PROOF.code,
            rows=differing[day],
            was=unequal(before.get(day, {}), after.get(day, {})),
            now=unequal(after.get(day, {}), before.get(day, {})),
        )
        for day in days
    ]


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
