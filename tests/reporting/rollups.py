"""Read and change single counts of the rollups."""

from __future__ import annotations

from datetime import date
from typing import Any

from reporting.rollups.build import Rollup


def counts_by_code(rollup: Rollup, row: Any) -> dict[str, int]:
    return dict(zip(rollup.counters, row.counts, strict=True))


def counts_of(rollup: Rollup, day: date | None = None) -> dict[str, int]:
    """Return the totals of the only day, or of that day."""
    rows = rollup.rows().filter(grain=rollup.mask(()))
    return counts_by_code(rollup, rows.get() if day is None else rows.get(day=day))


def set_count(rollup: Rollup, code: str, number: int, day: date | None = None) -> None:
    """Make the total of a counter wrong."""
    rows = rollup.rows().filter(grain=rollup.mask(()))
    for row in rows if day is None else rows.filter(day=day):
        row.counts[rollup.counters.index(code)] = number
        row.save()
