"""Waits until first contact: exact for a few, by logarithmic steps for many.

A rollup row holds the wait of each contact in seconds, as packed integers, and its step as one
byte. So the median behind a figure is exact for up to MAX_EXACT contacts, and above within half a
step, 2.5 percent.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from math import sqrt
from statistics import median
from typing import Any, Final

MAX_EXACT: Final = 2_000
MIN_WAIT: Final = 30
RATIO: Final = 1.05
# Lower ends of the steps, in seconds, up to 80 days; below the first is step 0.
STEPS: Final = tuple(round(MIN_WAIT * RATIO**step) for step in range(255))


class WaitsUnknown(Exception):
    """Single waits are needed, but only their steps are stored, or not those to take away."""


@dataclass(frozen=True)
class Waits:
    """`exact` packs seconds as PostgreSQL sends integers; `steps` has one byte for each wait.

    A sum keeps its parts, as a page adds up the same ones for several figures.
    """

    exact: bytes = b""
    steps: bytes = b""
    parts: tuple[Waits, ...] = field(default=(), compare=False, repr=False)

    def __add__(self, other: Waits | int) -> Waits:
        # Adding zero lets sum() start.
        if isinstance(other, int):
            return self
        parts = (self.parts or (self,)) + (other.parts or (other,))
        return Waits(self.exact + other.exact, self.steps + other.steps, parts)

    __radd__ = __add__

    @property
    def seconds(self) -> list[int]:
        values = array("i", self.exact)
        if sys.byteorder == "little":
            values.byteswap()
        return list(values)

    @property
    def is_exact(self) -> bool:
        return len(self.exact) == len(array("i", [0]).tobytes()) * len(self.steps)

    def changed_by(self, difference: Mapping[int, int]) -> Waits:
        """Return them with more or, for negative numbers, fewer of some waits, as PACKED does."""
        if not any(difference.values()):
            return self
        steps = Counter(self.steps)
        for wait, number in difference.items():
            steps[bisect_right(STEPS, wait)] += number
        if min(steps.values()) < 0:
            raise WaitsUnknown
        packed = bytes(sorted(steps.elements()))
        if len(packed) > MAX_EXACT:
            return Waits(steps=packed)
        seconds = Counter(self.seconds)
        seconds.update(difference)
        if not self.is_exact or min(seconds.values()) < 0:
            raise WaitsUnknown
        return Waits(pack(sorted(seconds.elements())).exact, packed)

    @property
    def median_minutes(self) -> float | None:
        if not self.steps:
            return median(self.seconds) / 60 if self.exact else None
        counts: Counter[int] = Counter()
        for part in self.parts or (self,):
            counts.update(part.step_counts)
        return _middle_of(median_step(counts)) / 60

    @cached_property
    def step_counts(self) -> Counter[int]:
        """Return how many waits are in each step."""
        counts = Counter(self.steps)
        counts.update(bisect_right(STEPS, wait) for wait in self.seconds)
        return counts


def pack(seconds: Iterable[int]) -> Waits:
    values = array("i", seconds)
    if sys.byteorder == "little":
        values.byteswap()
    return Waits(values.tobytes())


def median_step(counts: Counter[int]) -> int:
    """Return the step that holds the middle wait."""
    steps = sorted(counts)
    up_to = accumulate(counts[step] for step in steps)
    middle = counts.total() / 2
    return next(step for step, below in zip(steps, up_to, strict=True) if below >= middle)


def _middle_of(step: int) -> float:
    if step in (0, len(STEPS)):
        return STEPS[max(step - 1, 0)]
    return sqrt(STEPS[step - 1] * STEPS[step])


# SQL that packs the waits of counted milestones, as stored in a rollup row.
PACKED: Final = (
    f"CASE WHEN count(wait) <= {MAX_EXACT}"
    " THEN coalesce(string_agg(int4send(wait), ''::bytea ORDER BY wait), '') ELSE '' END AS waits",
    "coalesce(string_agg(substr(int4send(wait_step), 4, 1), ''::bytea ORDER BY wait), '')"
    " AS wait_steps",
)
STEP_OF_WAIT: Final = f"width_bucket(wait, ARRAY[{', '.join(map(str, STEPS))}])"
# SQL that reads the waits of several rollup rows together, exact or by steps.
UNPACKED: Final = (
    f"CASE WHEN sum(length(wait_steps)) <= {MAX_EXACT} THEN string_agg(waits, ''::bytea) END",
    f"CASE WHEN sum(length(wait_steps)) > {MAX_EXACT} THEN string_agg(wait_steps, ''::bytea) END",
)


def read_waits(exact: Any, steps: Any) -> Waits:
    return Waits(bytes(exact or b""), bytes(steps or b""))
