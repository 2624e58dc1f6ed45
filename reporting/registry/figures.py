"""A figure: counts of one metric, and how they read. Nothing is divided before it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from reporting.facts.milestones import SPEED_STEPS
from reporting.registry.metrics import SPEED_COUNTERS, Metric, Unit

NONE = "–"


@dataclass(frozen=True)
class Figure:
    """`middle` is the median in minutes, for metrics that are one."""

    metric: Metric
    numerator: int
    denominator: int
    middle: float | None = None

    @property
    def value(self) -> float | None:
        """A percentage, a number of minutes or a count; None when there is nothing to divide."""
        if self.metric.unit is Unit.MEDIAN:
            return self.middle
        if self.metric.unit is Unit.COUNT:
            return self.numerator
        return 100 * self.numerator / self.denominator if self.denominator else None


def figure(metric: Metric, counts: Mapping[str, int]) -> Figure:
    denominator = metric.denominator or metric.numerator
    is_median = metric.unit is Unit.MEDIAN
    middle = median_minutes([counts[code] for code in SPEED_COUNTERS]) if is_median else None
    return Figure(metric, counts[metric.numerator.code], counts[denominator.code], middle)


def median_minutes(counts: Sequence[int]) -> float | None:
    """The median of counts by step of SPEED_STEPS, interpolated within the middle one's step.

    In the open last step nothing is known but its beginning, so that is the answer there.
    """
    if not (everything := sum(counts)):
        return None
    edges = (0, *SPEED_STEPS, SPEED_STEPS[-1])
    middle = everything / 2
    below = [0, *accumulate(counts)]
    step = next(i for i, up_to in enumerate(below[1:]) if up_to >= middle and counts[i])
    share = (middle - below[step]) / counts[step]
    return edges[step] + share * (edges[step + 1] - edges[step])
