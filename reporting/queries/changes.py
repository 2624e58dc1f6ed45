"""The change of the overview that stands out most, and the part of the leads it comes from.

Each pinned figure is compared with the previous period at the same age. Median times are left out,
because their counts do not tell how much of a change is chance. The more figures are compared, the
sooner chance moves one of them, so the limit is such that it moves any in 1 of 100 periods. Of the
changes beyond it, the one that is furthest from chance is chosen: a rate before the number of
leads, because leads arrive in bursts, which look like a change. A figure with fewer than
MIN_COUNTED leads or handoffs in one of the periods is too small to tell.

Then one source, campaign, lead type or team at a time is left out. The part without which the
figure would have changed least contributed most. It is named if it has MIN_COUNTED leads or
handoffs of its own, if as many remain without it, and if it accounts for MIN_SHARE of the change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

from reporting.queries.reports import Compared
from reporting.queries.rollup_queries import Answers, read_parts
from reporting.queries.scope import Key, Scope
from reporting.registry.figures import Figure
from reporting.registry.metrics import Unit

MIN_COUNTED: Final = 30
MAX_CHANCE: Final = 0.01
MIN_SHARE: Final = 1 / 3
PART_DIMENSIONS: Final = ("source", "campaign", "lead_type", "team")


class Pair(NamedTuple):
    now: Figure
    previous: Figure

    @property
    def change(self) -> float:
        return (self.now.value or 0) - (self.previous.value or 0)

    @property
    def counted(self) -> int:
        """Return how many leads or handoffs the smaller figure is of; the larger of two counts."""
        if self.now.metric.unit is Unit.COUNT:
            return max(self.now.numerator, self.previous.numerator)
        return min(self.now.denominator, self.previous.denominator)

    def without(self, part: Pair) -> Pair:
        return Pair(*(_difference(*figures) for figures in zip(self, part, strict=True)))


class Part(NamedTuple):
    """`rest` are the figures without it."""

    dimension: str
    key: Key
    of_part: Pair
    rest: Pair


class Change(NamedTuple):
    compared: Compared
    part: Part | None


def largest_change(pairs: Iterable[Compared]) -> Compared | None:
    """Return the change that is furthest from chance, rates before counts, if one is beyond it."""
    measured = [pair for pair in pairs if pair.now.metric.unit is not Unit.MEDIAN]
    beyond = {}
    for pair in measured:
        by = abs(deviations(Pair(pair.now, pair.previous)))
        if by >= limit_of_chance(len(measured)):
            beyond[pair.now.metric.unit is not Unit.COUNT, by] = pair
    return beyond[max(beyond)] if beyond else None


def limit_of_chance(figures: int) -> float:
    """Return the standard deviations that chance exceeds, up or down, in any of so many figures."""
    return NormalDist().inv_cdf(1 - MAX_CHANCE / figures / 2)


def deviations(pair: Pair) -> float:
    """Return by how many standard deviations two figures differ; 0 if there are too few to tell."""
    now, previous = pair
    if now.metric.unit is Unit.MEDIAN or pair.counted < MIN_COUNTED:
        return 0
    if now.metric.unit is Unit.COUNT:
        return pair.change / sqrt(now.numerator + previous.numerator)
    pooled = (now.numerator + previous.numerator) / (now.denominator + previous.denominator)
    spread = sqrt(pooled * (1 - pooled) * (1 / now.denominator + 1 / previous.denominator))
    return pair.change / 100 / spread if spread else 0


def main_part(whole: Pair, parts: Mapping[tuple[str, Key], Pair]) -> Part | None:
    """Return the part without which the figures would have changed least."""
    candidates = [
        Part(dimension, key, pair, whole.without(pair)) for (dimension, key), pair in parts.items()
    ]
    sufficient = [
        part
        for part in candidates
        if part.of_part.counted >= MIN_COUNTED and part.rest.counted >= MIN_COUNTED
    ]
    if not sufficient or not whole.change:
        return None
    part = min(sufficient, key=lambda part: (part.rest.change / whole.change, str(part[:2])))
    return part if 1 - part.rest.change / whole.change >= MIN_SHARE else None


def change_of(pairs: Iterable[Compared], answers: Answers, scope: Scope) -> Change | None:
    compared = largest_change(pairs)
    if compared is None:
        return None
    whole = Pair(compared.now, compared.previous)
    dimensions = [name for name in PART_DIMENSIONS if name not in scope.where]
    if not dimensions:
        return Change(compared, None)
    metric = compared.now.metric
    counts = read_parts(
        metric.basis,
        scope,
        dimensions,
        periods=(compared.days, compared.days_before),
        counters=[part.code for part in metric.parts.values()],
        stored=answers.counter_order[metric.basis],
    )
    parts = {
        part: Pair(*(Figure(metric, numbers[0], numbers[-1]) for numbers in of_periods))
        for part, of_periods in counts.items()
    }
    return Change(compared, main_part(whole, parts))


def _difference(whole: Figure, part: Figure) -> Figure:
    numerator = whole.numerator - part.numerator
    return whole._replace(numerator=numerator, denominator=whole.denominator - part.denominator)
