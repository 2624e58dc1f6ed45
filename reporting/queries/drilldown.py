"""The leads behind a figure: the same filter that its rollup column is counted with (N-30)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Q, QuerySet

from reporting.pages.labels import HEADS
from reporting.queries.scope import BadScope, Key, Scope, read_scope
from reporting.registry.metrics import METRICS, Counter, Metric
from reporting.rollups.build import ROLLUPS, Rollup

ROWS: Final = 50


@dataclass(frozen=True)
class Behind:
    """What somebody asked to see: one part of one metric under some filters."""

    metric: Metric
    part: str
    scope: Scope

    @property
    def counter(self) -> Counter:
        return self.metric.parts[self.part]

    @property
    def rollup(self) -> Rollup:
        return ROLLUPS[self.metric.basis]

    @property
    def where(self) -> Mapping[str, Key]:
        """What narrows a metric's numerator alone leaves its denominator whole."""
        if self.part == "denominator":
            return self.scope.widened(self.metric.narrowed_by).where
        return self.scope.where

    def rows(self) -> QuerySet[Any]:
        """Milestones, those of the latest day first."""
        period = self.scope.period
        keys = {
            (f"{name}__isnull" if key is None else name): (True if key is None else key)
            for name, key in self._columns().items()
        }
        milestones = self.rollup.milestones._default_manager
        return milestones.filter(
            self.counter.where, Q(day__range=(period.first, period.last)), **keys
        ).order_by("-day", "-pk")

    def _columns(self) -> dict[str, Key]:
        columns = {}
        for name, key in self.where.items():
            field = self.rollup.milestones._meta.get_field(name)
            columns[field.attname if field.is_relation else name] = key  # type: ignore[union-attr]
        return columns


def read_behind(asked: Mapping[str, str], *, today: date) -> Behind:
    metric = METRICS.get(asked.get("metric", "leads"))
    if metric is None:
        raise BadScope(f"There is no metric “{asked['metric']}”.")
    part = asked.get("part", "numerator")
    if part not in metric.parts:
        raise BadScope(f"{metric.name} has no “{part}”.")
    scope = read_scope(asked, today=today)
    if unknown := sorted(set(scope.where) - set(ROLLUPS[metric.basis].dimensions)):
        raise BadScope(f"{metric.name} is not counted by {HEADS[unknown[0]].lower()}.")
    return Behind(metric, part, scope)


def older_than(rows: QuerySet[Any], mark: str) -> QuerySet[Any]:
    """Go on after the row that `mark` names."""
    day, _, number = mark.partition("_")
    try:
        last, key = date.fromisoformat(day), int(number)
    except ValueError:
        raise BadScope("This is no place in the list; begin again at its top.") from None
    return rows.filter(Q(day__lt=last) | Q(day=last, pk__lt=key))


def mark_of(row: Any) -> str:
    return f"{row.day}_{row.pk}"
