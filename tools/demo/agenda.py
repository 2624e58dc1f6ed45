"""Future actions in the order of time; actions at the same moment keep their order."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count

Action = Callable[[datetime], None]


class Agenda:
    def __init__(self, *, until: datetime) -> None:
        self.until = until
        self._numbers = count()
        self._heap: list[tuple[datetime, int, Action]] = []

    def add(self, at: datetime, action: Action) -> None:
        if at <= self.until:
            heapq.heappush(self._heap, (at, next(self._numbers), action))

    def due(self) -> Iterator[tuple[datetime, Action]]:
        """Yield all actions up to the end, including those that are added meanwhile."""
        while self._heap:
            at, _, action = heapq.heappop(self._heap)
            yield at, action
