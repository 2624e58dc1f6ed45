"""A figure: the counts of one metric. Nothing is divided before it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from reporting.facts.milestones import SPEED_STEPS
from reporting.registry.counters import SPEED_COUNTERS
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


def figure(metric: Metric, counts: Mapping[str, int]) -> Figure:
    denominator = metric.denominator or metric.numerator
    is_median = metric.unit is Unit.MEDIAN
    median = median_minutes([counts[code] for code in SPEED_COUNTERS]) if is_median else None
    return Figure(metric, counts[metric.numerator.code], counts[denominator.code], median)


def median_minutes(counts: Sequence[int]) -> float | None:
    """Interpolate the median of counts by step of SPEED_STEPS within the step that holds it.

    The last step has no upper end, so a median in it is the step's lower end.
    """
    if not (everything := sum(counts)):
        return None
    edges = (0, *SPEED_STEPS, SPEED_STEPS[-1])
    middle = everything / 2
    below = [0, *accumulate(counts)]
    step = next(i for i, up_to in enumerate(below[1:]) if up_to >= middle and counts[i])
    share = (middle - below[step]) / counts[step]
    return edges[step] + share * (edges[step + 1] - edges[step])
