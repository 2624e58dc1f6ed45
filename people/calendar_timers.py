"""The registry of counters of timers that run in the hours of a calendar, such as SLA timers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Final

# Returns the number of running timers by the id of their calendar.
TimerCounter = Callable[[Collection[int]], Mapping[int, int]]

TIMER_COUNTERS: Final[list[TimerCounter]] = []


def counts_timers(count: TimerCounter) -> TimerCounter:
    """Register a counter; its timers keep the edition of the calendar with which they started."""
    TIMER_COUNTERS.append(count)
    return count


def running_timers(calendar_ids: Collection[int]) -> Counter[int]:
    timers = Counter[int]()
    for count in TIMER_COUNTERS:
        timers.update(count(calendar_ids))
    return timers
