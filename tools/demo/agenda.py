"""What is still to happen, in the order of time; equal moments keep the order they came in."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count

Deed = Callable[[datetime], None]


class Agenda:
    def __init__(self, *, until: datetime) -> None:
        self.until = until
        self._numbers = count()
        self._heap: list[tuple[datetime, int, Deed]] = []

    def add(self, at: datetime, deed: Deed) -> None:
        if at <= self.until:
            heapq.heappush(self._heap, (at, next(self._numbers), deed))

    def due(self) -> Iterator[tuple[datetime, Deed]]:
        """Everything up to the end, also what is added on the way."""
        while self._heap:
            at, _, deed = heapq.heappop(self._heap)
            yield at, deed
