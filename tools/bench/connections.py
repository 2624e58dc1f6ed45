"""F1 and F10: the first and the tenth request on a new connection to the database.

PostgreSQL plans a statement anew until it was prepared and planned a few times, and a quiet site
closes its connections before that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from tools.bench.goals import Goal, GoalResult
from tools.bench.http_paths import HTTP_PATHS, HttpPath
from tools.bench.measure import Comparison, Sample, p50, times
from tools.bench.web import NEW_CONNECTION
from tools.bench.world import World

CONNECTIONS: Final = 3
CALLS: Final = 16
# From then on, statements are prepared and have their final plan.
WARM_FROM: Final = 12


class Place(NamedTuple):
    """One of the calls on a connection, with the limits of its ratio to a warm one."""

    id: str
    number: int
    name: str
    first: float
    goal: float

    def goal_for(self, path: HttpPath) -> Goal:
        label = f"{path.name}, {self.name} on a new connection ÷ warm"
        return Goal(self.id, label, self.first, self.goal)


PLACES: Final = (Place("F1", 1, "first call", 10, 5), Place("F10", 10, "tenth call", 2, 1.3))
GOALS: Final = tuple(place.goal_for(path) for path in HTTP_PATHS for place in PLACES)


def new_connections(world: World) -> Iterator[GoalResult]:
    for path in HTTP_PATHS:
        yield from measured(world, path)


def measured(world: World, path: HttpPath) -> Iterator[GoalResult]:
    step, close = path.step(world, NEW_CONNECTION), closing(world)
    step()  # what the process does once is not measured
    rounds = []
    for _ in range(CONNECTIONS):
        close()
        rounds.append(times(step, CALLS))
    warm = Sample(tuple(p50(taken[WARM_FROM:]) for taken in rounds))
    for place in PLACES:
        calls = Sample(tuple(taken[place.number - 1] for taken in rounds))
        yield GoalResult(place.goal_for(path), Comparison(subject=calls, control=warm))


def closing(world: World) -> Callable[[], object]:
    client = world.client(NEW_CONNECTION)
    return lambda: client.get("/health/live/", New_Connection="1")
