"""Waits until first contact: exact for a few, by logarithmic steps for many.

A rollup row holds the wait of each contact in seconds, as packed integers, and its step as one
byte; a row of many contacts has the number in each step instead. So the median behind a figure is
exact for up to MAX_EXACT contacts, and above within half a step, 2.5 percent.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from math import sqrt
from operator import add
from statistics import median
from typing import Any, Final

MAX_EXACT: Final = 2_000
# One more than the ends between them.
SLOTS: Final = 256
# As long as the numbers of all steps, which a row has from so many waits on.
COUNTS_LENGTH: Final = 4 * SLOTS
MIN_WAIT: Final = 30
RATIO: Final = 1.05
# Lower ends of the steps, in seconds, up to 80 days; below the first is step 0.
STEPS: Final = tuple(round(MIN_WAIT * RATIO**step) for step in range(255))


class WaitsUnknown(Exception):
    """Single waits are needed, but only their steps are stored, or not those to take away."""


@dataclass(frozen=True)
class Waits:
    """`exact` packs seconds as PostgreSQL sends integers; `steps` has one byte for each wait.

    `counts` packs the number of waits in each of the 256 steps, once or more often. A sum keeps its
    parts, as a page adds up the same ones for several figures.
    """

    exact: bytes = b""
    steps: bytes = b""
    counts: bytes = b""
    parts: tuple[Waits, ...] = field(default=(), compare=False, repr=False)

    def __add__(self, other: Waits | int) -> Waits:
        # Adding zero lets sum() start.
        if isinstance(other, int):
            return self
        parts = (self.parts or (self,)) + (other.parts or (other,))
        return Waits(
            self.exact + other.exact,
            self.steps + other.steps,
            self.counts + other.counts,
            parts,
        )

    __radd__ = __add__

    @property
    def seconds(self) -> list[int]:
        return list(unpacked(self.exact))

    @property
    def stored_steps(self) -> bytes:
        """Return the steps as a row has them."""
        return self.counts or self.steps

    @cached_property
    def counted_steps(self) -> list[int]:
        """Return how many waits are in each step, without those of which only seconds are here."""
        counts = [0] * SLOTS
        for step, number in Counter(self.steps).items():
            counts[step] = number
        stored = unpacked(self.counts)
        for start in range(0, len(stored), SLOTS):
            counts = [*map(add, counts, stored[start : start + SLOTS])]
        return counts

    @cached_property
    def step_counts(self) -> list[int]:
        """Return how many waits are in each step, of waits that have either seconds or steps."""
        counts = [*self.counted_steps]
        for wait in self.seconds:
            counts[bisect_right(STEPS, wait)] += 1
        return counts

    @cached_property
    def number(self) -> int:
        """Return how many waits have a step here."""
        return sum(self.counted_steps) if self.counts else len(self.steps)

    @property
    def is_exact(self) -> bool:
        return len(self.exact) == len(packed([0])) * self.number

    def changed_by(self, difference: Mapping[int, int]) -> Waits:
        """Return them with more or, for negative numbers, fewer of some waits, as a row does."""
        if not any(difference.values()):
            return self
        # Most rows have a few waits, and a list of all steps takes longer than they do.
        steps = Counter(dict(enumerate(self.counted_steps))) if self.counts else Counter(self.steps)
        for wait, number in difference.items():
            steps[bisect_right(STEPS, wait)] += number
        if min(steps.values()) < 0:
            raise WaitsUnknown
        if steps.total() > MAX_EXACT:
            return with_steps(b"", steps)
        seconds = Counter(self.seconds)
        seconds.update(difference)
        if not self.is_exact or min(seconds.values()) < 0:
            raise WaitsUnknown
        return with_steps(packed(sorted(seconds.elements())), steps)

    @property
    def median_minutes(self) -> float | None:
        if not self.stored_steps:
            return median(self.seconds) / 60 if self.exact else None
        counts = [
            *map(sum, zip(*(part.step_counts for part in self.parts or (self,)), strict=True))
        ]
        return _middle_of(median_step(counts)) / 60


def with_steps(exact: bytes, steps: Counter[int]) -> Waits:
    """Return waits with these numbers in each step, as a row has them."""
    if steps.total() < COUNTS_LENGTH:
        return Waits(exact, bytes(sorted(steps.elements())))
    return Waits(exact, counts=packed(steps[step] for step in range(SLOTS)))


def of_seconds(seconds: Iterable[int]) -> Waits:
    return Waits(packed(seconds))


def packed(numbers: Iterable[int]) -> bytes:
    """Pack integers as PostgreSQL sends them."""
    values = array("i", numbers)
    if sys.byteorder == "little":
        values.byteswap()
    return values.tobytes()


def unpacked(data: bytes) -> array[int]:
    values = array("i", data)
    if sys.byteorder == "little":
        values.byteswap()
    return values


def median_step(counts: Sequence[int]) -> int:
    """Return the step that holds the middle wait."""
    middle = sum(counts) / 2
    return next(step for step, below in enumerate(accumulate(counts)) if below and below >= middle)


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
# SQL that stores the number of waits in each step for a row that PACKED has given many.
STORED_STEPS: Final = f"""
    CASE WHEN length(wait_steps) < {COUNTS_LENGTH} THEN wait_steps ELSE (
        SELECT string_agg(int4send(coalesce(number, 0)::integer), ''::bytea ORDER BY step)
        FROM generate_series(0, {SLOTS - 1}) AS step LEFT JOIN (
            SELECT get_byte(wait_steps, place) AS step, count(*) AS number
            FROM generate_series(0, length(wait_steps) - 1) AS place GROUP BY 1
        ) AS counted USING (step)
    ) END AS wait_steps
"""  # noqa: S608  (no input in it)
# A row has no seconds if it has too many.
_ARE_EXACT: Final = (
    f"sum(CASE WHEN waits = '' AND wait_steps <> '' THEN {MAX_EXACT + 1}"
    f" ELSE length(waits) / 4 END) <= {MAX_EXACT}"
)
# SQL that reads the waits of several rollup rows together: exact, or their steps and numbers.
UNPACKED: Final = (
    f"CASE WHEN {_ARE_EXACT} THEN string_agg(waits, ''::bytea) END",
    *(
        f"CASE WHEN NOT {_ARE_EXACT} THEN string_agg(wait_steps, ''::bytea)"
        f" FILTER (WHERE length(wait_steps) {compared} {COUNTS_LENGTH}) END"
        for compared in ("<", "=")
    ),
)


def read_waits(exact: Any, steps: Any, counts: Any) -> Waits:
    return Waits(bytes(exact or b""), bytes(steps or b""), bytes(counts or b""))


def row_waits(exact: Any, stored_steps: Any) -> Waits:
    """Return the waits of one row of a rollup."""
    steps = bytes(stored_steps)
    is_counted = len(steps) == COUNTS_LENGTH
    return Waits(bytes(exact), b"" if is_counted else steps, steps if is_counted else b"")
