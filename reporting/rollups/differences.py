"""Change a rollup by what a few leads counted before and count now.

It costs what these leads cost. Counting their days again costs what all leads of the days do.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.db.models import Q
from django.db.models.expressions import RawSQL

from reporting.facts.lead_sets import LeadIds
from reporting.registry.waits import Waits, WaitsUnknown
from reporting.rollups.build import Key, Rollup, Row

# The days of more leads are counted again.
MAX_LEADS: Final = 1_000
# Each row is looked for among all rows of its day.
MAX_ROWS_OF_A_DAY: Final = 100


class DoesNotFit(Exception):
    """The stored row cannot have had what is taken away from it."""


@dataclass
class Difference:
    """Sum up what a row of a rollup has more, or less, than before."""

    counts: list[int]
    waits: Counter[int] = field(default_factory=Counter)
    is_exact: bool = True

    def include(self, row: Row, sign: int) -> None:
        self.counts = [old + sign * new for old, new in zip(self.counts, row.counts, strict=True)]
        for wait in row.waits.seconds:
            self.waits[wait] += sign
        self.is_exact &= row.waits.is_exact

    @property
    def is_nothing(self) -> bool:
        return self.is_exact and not any(self.counts) and not any(self.waits.values())


class Differences:
    """Subtract leads, count their milestones again, add the leads, and apply what differs."""

    def __init__(self, rollup: Rollup) -> None:
        self._rollup = rollup
        self._are_few = True
        self._rows: defaultdict[Key, Difference] = defaultdict(
            lambda: Difference([0] * len(rollup.counters))
        )

    def subtract(self, leads: LeadIds) -> None:
        self._include(leads, -1)

    def add(self, leads: LeadIds) -> None:
        self._include(leads, +1)

    def apply(self, days: Collection[date]) -> None:
        """Change what differs, or count the days again where that is less work."""
        again = self._change() if self._are_few else set(days)
        if again:
            self._rollup.replace(sorted(again))

    def _include(self, leads: LeadIds, sign: int) -> None:
        self._are_few &= len(leads.ids) <= MAX_LEADS
        if self._are_few:
            of_leads = Q(lead__in=RawSQL("SELECT unnest(%s::bigint[])", [leads.ids]))
            for row in self._rollup.counted_rows(of_leads):
                self._rows[row.key].include(row, sign)

    def _change(self) -> set[date]:
        """Change single rows; return the days that must be counted again instead."""
        differing = {key: row for key, row in self._rows.items() if not row.is_nothing}
        numbers = Counter(_day(key) for key in differing)
        again = {day for day, number in numbers.items() if number > MAX_ROWS_OF_A_DAY}
        single = {key: row for key, row in differing.items() if _day(key) not in again}
        if not single:
            return again
        stored: dict[Key, list[Row]] = {key: [] for key in single}
        for row in self._rollup.take(single):
            stored[row.key].append(row)
        changed: list[Row] = []
        for key, difference in single.items():
            try:
                changed += _changed(key, stored[key], difference, self._rollup.total)
            except (DoesNotFit, WaitsUnknown):
                again.add(_day(key))
        self._rollup.insert(row for row in changed if _day(row.key) not in again)
        return again


def _day(key: Key) -> date:
    day: date = key[1]
    return day


def _changed(key: Key, stored: Sequence[Row], difference: Difference, total: int) -> Iterable[Row]:
    """Return the row as a recount gives it, or none if nothing is left to count."""
    if len(stored) > 1 or not difference.is_exact:
        raise DoesNotFit
    before = stored[0] if stored else Row(key, [0] * len(difference.counts), Waits())
    counts = [old + new for old, new in zip(before.counts, difference.counts, strict=True)]
    waits = before.waits.changed_by(difference.waits)
    has_nothing = counts[total] == 0
    if min(counts) < 0 or (has_nothing and (any(counts) or waits.stored_steps)):
        raise DoesNotFit
    return [] if has_nothing else [Row(key, counts, waits)]
