"""Prove that the rollups are what the log gives, and correct them where they are not.

A proof first compares the milestones of each range of leads with the log, then the rollups of each
range of days with the milestones. Each slice is a transaction of a few seconds that counts what is
new first, so it compares figures and log as of one position. Between slices the log is followed,
and a proof that was stopped goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min, Q

from core.invariants import report_progress
from leads.models import Lead
from reporting.facts import lead_sets
from reporting.facts.lead_sets import leads_after, ranges_of_leads
from reporting.models import LeadMilestones, Proof, Restatement
from reporting.restatement_causes import PROOF
from reporting.rollups.build import Rollup
from reporting.rollups.refresh import (
    PAIRS,
    count_new_events,
    exclusive,
    one_snapshot,
    rebuild_is_due,
    unequal,
)

# Milestones of leads that the days of a slice have about.
MAX_MILESTONES: Final = 20_000
# A proof that has ended is followed by another in the next night, not in the same one.
PAUSE: Final = timedelta(hours=12)


@dataclass(frozen=True)
class Difference:
    """Stored rows of one day that a recount would change."""

    subject: str
    day: date
    message: str


@dataclass(frozen=True)
class DayRange:
    """The days after one and up to another."""

    after: date
    up_to: date

    @property
    def where(self) -> Q:
        return Q(day__gt=self.after, day__lte=self.up_to)


def prove(*, at: datetime) -> list[Restatement]:
    """Compare every figure with a full recount; correct and record what differs."""
    begin(at=at)
    restatements = []
    while is_unfinished():
        restatements += prove_slice(at=at)
    return restatements


def begin(*, at: datetime) -> None:
    """Begin a proof, in place of one that has not ended."""
    start = {"started_at": at, "lead": 0, "day": date.min, "finished_at": None}
    with exclusive():
        Proof.objects.update_or_create(pk=1, defaults=start)


def is_due(at: datetime) -> bool:
    proof = Proof.objects.first()
    return proof is None or (proof.finished_at is not None and at - proof.finished_at > PAUSE)


def is_unfinished() -> bool:
    return Proof.objects.filter(finished_at=None).exists()


def prove_slice(*, at: datetime) -> list[Restatement]:
    """Compare the next leads or days; correct and record what differs."""
    with exclusive(), one_snapshot():
        proof = Proof.objects.filter(finished_at=None).first()
        if proof is None:
            return []
        count_new_events(at)
        restatements = _prove_leads(proof) if proof.lead < lead_sets.END else _prove_days(proof, at)
        proof.save()
        return Restatement.objects.bulk_create(restatements)


def _prove_leads(proof: Proof) -> list[Restatement]:
    """Correct the milestones of the next leads; their days, which come later, are restated."""
    leads = leads_after(proof.lead)
    for milestones, _ in PAIRS:
        milestones.recount_leads(settings.REPORTING_TIME_ZONE, leads)
    proof.lead = leads.up_to
    return []


def _prove_days(proof: Proof, at: datetime) -> list[Restatement]:
    days = days_after(proof.day)
    proof.day = days.up_to
    if days.up_to == date.max:
        proof.finished_at = at
    return [restatement for _, rollup in PAIRS for restatement in _restate(rollup, days, at)]


def find_differences(*, at: datetime) -> Iterator[Difference]:
    """Return what a full recount would change, and change nothing."""
    with _at_one_count(at):
        last_lead = Lead.objects.aggregate(last=Max("pk"))["last"] or 1
        for leads in ranges_of_leads():
            with _undone(at):
                differing = [
                    (rollup, sorted(milestones.recount_leads(settings.REPORTING_TIME_ZONE, leads)))
                    for milestones, rollup in PAIRS
                ]
            for rollup, dates in differing:
                for day in dates:
                    yield Difference(
                        f"milestones of {rollup.basis}", day, "they differ from the log"
                    )
            report_progress(min(leads.up_to / last_lead, 1) / 2)
        for days in ranges_of_days():
            with _undone(at):
                rows = [(rollup, _differing_rows(rollup, days)) for _, rollup in PAIRS]
            for rollup, by_day in rows:
                for day, number in sorted(by_day.items()):
                    yield Difference(f"figures of {rollup.basis}", day, f"{number} rows differ")
            report_progress(0.5 + _share_of_days(days.up_to) / 2)


@contextmanager
def _undone(at: datetime) -> Iterator[None]:
    """Count what is new, and undo everything in the end."""
    with exclusive(), one_snapshot():
        count_new_events(at)
        yield
        transaction.set_rollback(True)


@contextmanager
def _at_one_count(at: datetime) -> Iterator[None]:
    """Count everything once rather than in every slice, where a refresh would do so."""
    if not rebuild_is_due():
        yield
        return
    with _undone(at):
        yield


def days_after(day: date) -> DayRange:
    days = LeadMilestones.objects.filter(day__gt=day).order_by("day").values_list("day", flat=True)
    return DayRange(day, next(iter(days[MAX_MILESTONES - 1 : MAX_MILESTONES]), date.max))


def ranges_of_days() -> Iterator[DayRange]:
    after = date.min
    while after < date.max:
        days = days_after(after)
        yield days
        after = days.up_to


def _share_of_days(day: date) -> float:
    days = LeadMilestones.objects.aggregate(first=Min("day"), last=Max("day"))
    if days["last"] is None or day >= days["last"]:
        return 1
    share: float = (day - days["first"]) / (days["last"] - days["first"])
    return share


def _restate(rollup: Rollup, days: DayRange, at: datetime) -> list[Restatement]:
    differing = _differing_rows(rollup, days)
    if not differing:
        return []
    dates = sorted(differing)
    before = rollup.totals(dates)
    rollup.replace(dates)
    after = rollup.totals(dates)
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
        for day in dates
    ]


def _differing_rows(rollup: Rollup, days: DayRange) -> dict[date, int]:
    """Return how many rows of each day differ from a recount, or are missing."""
    fresh, parameters = rollup.counted(days.where)
    # Raw, because EXCEPT ALL of a GROUPING SETS query is beyond the ORM.
    sql = f"""
        WITH fresh AS ({fresh}), stored AS (
            SELECT {", ".join(rollup.columns)} FROM {rollup.table} WHERE day > %s AND day <= %s
        )
        SELECT day, count(DISTINCT ({", ".join(rollup.keys)})) FROM (
            (TABLE fresh EXCEPT ALL TABLE stored) UNION ALL (TABLE stored EXCEPT ALL TABLE fresh)
        ) AS differing
        GROUP BY day
    """  # noqa: S608  (no input in it)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, days.after, days.up_to])
        return dict(cursor.fetchall())
