"""A figure: the counts of one metric. Nothing is divided before it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from reporting.registry.metrics import Metric, Unit

NO_VALUE: Final = "–"


class Figure(NamedTuple):
    """`median` is in minutes, for metrics that are one."""

    metric: Metric
    numerator: int
    denominator: int
    median: float | None = None

    @property
    def value(self) -> float | None:
        """Return a percentage, minutes or a count; None if there is nothing to divide by."""
        if self.metric.unit is Unit.MEDIAN:
            return self.median
        if self.metric.unit is Unit.COUNT:
            return self.numerator
        return 100 * self.numerator / self.denominator if self.denominator else None


def figure(metric: Metric, counts: Mapping[str, Any]) -> Figure:
    denominator = metric.denominator or metric.numerator
    waits = counts[metric.basis.waits] if metric.unit is Unit.MEDIAN else None
    median = waits.median_minutes if waits else None
    return Figure(metric, counts[metric.numerator.code], counts[denominator.code], median)
