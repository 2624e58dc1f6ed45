"""Daily rollups: a day's milestones counted along every set of dimensions a page asks for.

One row of a rollup belongs to one grain, the set of dimensions it is counted along; PostgreSQL's
own GROUPING() mask names it. A page reads the smallest grain that holds what it filters and
groups by, so its cost depends on days and dimensions and never on the number of leads.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection, models
from django.db.models import BooleanField, ExpressionWrapper

from reporting.models import HandoffDay, HandoffMilestones, LeadDay, LeadMilestones
from reporting.registry.metrics import Basis, counters_of

MARKETING: Final = ("source", "campaign", "lead_type")


@dataclass(frozen=True)
class Rollup:
    """`grains` stand in the order of their size: the first that holds all it needs is read."""

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
        """What GROUPING() says of it: one bit, from the left, per dimension left out."""
        mask = 0
        for dimension in self.dimensions:
            mask = 2 * mask + (dimension not in grain)
        return mask

    def grain_for(self, needed: Collection[str]) -> int | None:
        """The smallest grain that holds all that is needed; None when no grain does."""
        fitting = (grain for grain in self.grains if set(needed) <= set(grain))
        return next(map(self.mask, fitting), None)

    @property
    def keys(self) -> list[str]:
        return ["grain", "day", *(self.column(dimension) for dimension in self.dimensions)]

    @property
    def columns(self) -> list[str]:
        return [*self.keys, *self.counters]

    def counted(self, days: Sequence[date] | None = None) -> tuple[str, tuple[Any, ...]]:
        """The SQL that counts the days, or all days, anew from the milestones."""
        flags = {
            f"is_{counter.code}": ExpressionWrapper(counter.where, BooleanField())
            for counter in counters_of(self.basis)
        }
        rows = self.milestones._default_manager.all()
        if days is not None:
            rows = rows.filter(day__in=days)
        keys = [self.column(dimension) for dimension in self.dimensions]
        inner, parameters = rows.values("day", *keys).annotate(**flags).query.sql_with_params()
        counts = ", ".join(f"count(*) FILTER (WHERE is_{code})" for code in self.counters)
        sets = ", ".join(
            f"({', '.join(['day', *(self.column(one) for one in grain)])})" for grain in self.grains
        )
        sql = (
            f"SELECT grouping({', '.join(keys)}) AS grain, day, {', '.join(keys)}, {counts} "  # noqa: S608  (no input in it)
            f"FROM ({inner}) AS milestones GROUP BY GROUPING SETS ({sets})"
        )
        return sql, parameters

    def replace(self, days: Sequence[date] | None = None) -> None:
        """Count the days, or all days, anew and put them in place of what is there."""
        sql, parameters = self.counted(days)
        stale = self.model._default_manager.all()
        if days is not None:
            stale = stale.filter(day__in=days)
        stale._raw_delete(stale.db)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {self.table} ({', '.join(self.columns)}) {sql}",
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
