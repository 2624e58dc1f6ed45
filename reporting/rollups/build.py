"""Count the milestones of each day along every set of dimensions that a page needs.

One row of a rollup belongs to one grain, the set of dimensions it is counted along; PostgreSQL's
GROUPING() mask identifies it. A page reads the smallest grain with all the dimensions that it
filters and groups by, so its cost depends on days and dimensions, not on the number of leads.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection, models
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from core.raw_sql import fetch_rows
from reporting.models import HandoffDay, HandoffMilestones, LeadDay, LeadMilestones
from reporting.registry.counters import Basis, counters_of
from reporting.registry.waits import PACKED, STEP_OF_WAIT, STORED_STEPS, Waits, row_waits

MARKETING: Final = ("source", "campaign", "lead_type")
EVERYTHING: Final = Q()


# Grain, day, and the value of each dimension.
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Row:
    """`counts` are in the order of the registry."""

    key: Key
    counts: Sequence[int]
    waits: Waits


@dataclass(frozen=True)
class Rollup:
    """`grains` are ordered by size: a page reads the first one with all the dimensions it needs."""

    basis: Basis
    model: type[models.Model]
    milestones: type[models.Model]
    dimensions: tuple[str, ...]
    grains: tuple[tuple[str, ...], ...]

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def counters(self) -> list[str]:
        return [counter.code for counter in counters_of(self.basis)]

    def column(self, dimension: str) -> str:
        return str(self.model._meta.get_field(dimension).column)  # type: ignore[union-attr]

    def mask(self, grain: Collection[str]) -> int:
        """Return the result of GROUPING(): one bit, from the left, per dimension left out."""
        mask = 0
        for dimension in self.dimensions:
            mask = 2 * mask + (dimension not in grain)
        return mask

    def grain_for(self, needed: Collection[str]) -> int | None:
        """Return the mask of the smallest grain with these dimensions; None if there is none."""
        fitting = (grain for grain in self.grains if set(needed) <= set(grain))
        return next(map(self.mask, fitting), None)

    @property
    def total(self) -> int:
        """Return the place of the counter that counts every milestone."""
        return self.counters.index(self.basis)

    @property
    def keys(self) -> list[str]:
        return ["grain", "day", *(self.column(dimension) for dimension in self.dimensions)]

    @property
    def columns(self) -> list[str]:
        return [*self.keys, "counts", "waits", "wait_steps"]

    def rows(self) -> QuerySet[Any]:
        return self.model._default_manager.all()

    def counted(self, where: Q = EVERYTHING) -> tuple[str, tuple[Any, ...]]:
        """Return the SQL that counts these milestones: all, those of some days, or of some leads.

        Raw, because the ORM has no GROUPING SETS: they count all grains in one pass.
        """
        flags = {
            f"is_{counter.code}": ExpressionWrapper(counter.where, BooleanField())
            for counter in counters_of(self.basis)
        }
        milestones = self.milestones._default_manager.filter(where)
        keys = [self.column(dimension) for dimension in self.dimensions]
        inner, parameters = (
            milestones.values("day", "wait", *keys).annotate(**flags).query.sql_with_params()
        )
        counts = ", ".join(f"count(*) FILTER (WHERE is_{code})" for code in self.counters)
        sets = ", ".join(
            f"({', '.join(['day', *map(self.column, grain)])})" for grain in self.grains
        )
        sql = (
            f"SELECT grouping({', '.join(keys)}) AS grain, day, {', '.join(keys)}, "  # noqa: S608  (no input in it)
            f"ARRAY[{counts}]::integer[] AS counts, {', '.join(PACKED)} "
            f"FROM (SELECT *, {STEP_OF_WAIT} AS wait_step FROM ({inner}) AS milestones) AS counted "
            f"GROUP BY GROUPING SETS ({sets})"
        )
        columns = [*self.columns[:-1], STORED_STEPS]
        return f"SELECT {', '.join(columns)} FROM ({sql}) AS grouped", parameters  # noqa: S608  (no input in it)

    def counted_rows(self, where: Q) -> Iterator[Row]:
        return self._fetch(*self.counted(where))

    def take(self, keys: Iterable[Key]) -> Iterator[Row]:
        """Delete the rows with these keys, and return them."""
        same = [f"stored.{name} IS NOT DISTINCT FROM wanted.{name}" for name in self.keys[2:]]
        return self._fetch(
            f"DELETE FROM {self.table} AS stored USING ({self._given}) AS wanted "  # noqa: S608  (no input in it)
            "WHERE stored.grain = wanted.grain AND stored.day = wanted.day "
            f"AND {' AND '.join(same)} "
            f"RETURNING {', '.join(f'stored.{name}' for name in self.columns)}",
            [self._as_json(keys)],
        )

    def insert(self, rows: Iterable[Row]) -> None:
        values = (
            (
                *row.key,
                row.counts,
                *(f"\\x{packed.hex()}" for packed in (row.waits.exact, row.waits.stored_steps)),
            )
            for row in rows
        )
        self._insert(self._given, [self._as_json(values)])

    @property
    def _given(self) -> str:
        return f"SELECT * FROM json_populate_recordset(NULL::{self.table}, %s)"  # noqa: S608  (no input in it)

    def _as_json(self, rows: Iterable[Sequence[Any]]) -> str:
        """Return rows as `_given` reads them; they may end before the last columns."""
        return json.dumps([dict(zip(self.columns, row, strict=False)) for row in rows], default=str)

    def _fetch(self, sql: str, parameters: Sequence[Any]) -> Iterator[Row]:
        for *key, counts, exact, steps in fetch_rows(sql, parameters):
            yield Row(tuple(key), counts, row_waits(exact, steps))

    def totals(self, days: Collection[date]) -> dict[date, dict[str, int]]:
        """Return the stored totals of each day that has some."""
        rows = self.rows().filter(grain=self.mask(()), day__in=days)
        return {
            day: dict(zip(self.counters, counts, strict=True))
            for day, counts in rows.values_list("day", "counts")
        }

    def totals_by_month(self, days: Collection[date]) -> dict[date, dict[str, int]]:
        """Return the stored totals of each month with one of these days, by its first day."""
        months = {day.replace(day=1) for day in days}
        sql = f"""
            SELECT month, counts FROM {self.table} JOIN unnest(%s::date[]) AS month
                ON day >= month AND day < month + interval '1 month'
            WHERE grain = %s
        """  # noqa: S608  (no input in it)
        totals: dict[date, dict[str, int]] = {}
        for month, counts in fetch_rows(sql, [sorted(months), self.mask(())]):
            total = totals.setdefault(month, dict.fromkeys(self.counters, 0))
            for code, count in zip(self.counters, counts, strict=True):
                total[code] += count
        return totals

    def replace(self, days: Sequence[date] | None = None) -> None:
        """Count the days, or all days, again and replace their rows."""
        where = EVERYTHING if days is None else Q(day__in=days)
        sql, parameters = self.counted(where)
        stale = self.rows().filter(where)
        # Nothing points at a rollup row, so no rows are read before they are deleted.
        stale._raw_delete(stale.db)
        self._insert(sql, parameters)
        if days is None:
            # Until it is done, a report sorts the rows, and sorted rows have short headers.
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {self.table}")

    def _insert(self, sql: str, parameters: Sequence[Any]) -> None:
        """Insert the rows that the SQL counts."""
        # MERGE, because an INSERT of a SELECT ignores that the counts are stored plain (migration
        # 0006); adding nothing to an array gives it the header that a plain column keeps.
        values = [
            f"counted.{name} || '{{}}'" if name == "counts" else f"counted.{name}"
            for name in self.columns
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                # In the order of the index, as reports read all days of one grain.
                f"MERGE INTO {self.table} USING ({sql} ORDER BY grain, day) AS counted ON false "  # noqa: S608  (no input in it)
                "WHEN NOT MATCHED "
                f"THEN INSERT ({', '.join(self.columns)}) VALUES ({', '.join(values)})",
                parameters,
            )


LEAD_ROLLUP: Final = Rollup(
    Basis.LEADS,
    LeadDay,
    LeadMilestones,
    ("source", "campaign", "lead_type", "team", "owner"),
    (
        (),
        ("source",),
        ("team", "owner"),
        MARKETING,
        (*MARKETING, "team"),
        (*MARKETING, "team", "owner"),
    ),
)
HANDOFF_ROLLUP: Final = Rollup(
    Basis.HANDOFFS,
    HandoffDay,
    HandoffMilestones,
    ("source", "campaign", "lead_type", "team", "user", "temperature", "reason"),
    (
        (),
        ("temperature",),
        ("team",),
        ("reason",),
        ("source", "reason"),
        ("team", "user"),
        (*MARKETING, "team", "temperature"),
        (*MARKETING, "team", "reason"),
        (*MARKETING, "team", "user"),
    ),
)
ROLLUPS: Final[Mapping[Basis, Rollup]] = {
    rollup.basis: rollup for rollup in (LEAD_ROLLUP, HANDOFF_ROLLUP)
}


def counter_order() -> dict[str, list[str]]:
    """Return which counter each element of `counts` is, by the registry of this process."""
    return {basis.value: rollup.counters for basis, rollup in ROLLUPS.items()}
