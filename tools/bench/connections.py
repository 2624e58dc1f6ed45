"""F1 and F10: the first and the tenth request on a new connection to the database.

PostgreSQL plans a statement anew until it was prepared and planned a few times, and a quiet site
closes its connections before that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from tools.bench.goals import Goal, GoalResult
from tools.bench.http_paths import HTTP_PATHS, HttpPath
from tools.bench.measure import Comparison, Sample, p50, times
from tools.bench.web import NEW_CONNECTION
from tools.bench.world import World

ROUNDS: Final = 3
CALLS: Final = 20
# From then on, statements are prepared and have their final plan.
WARM_FROM: Final = 12
# Id, place among the calls of a connection, name, limits.
PLACES: Final = (("F1", 1, "first call", 10, 5), ("F10", 10, "tenth call", 2, 1.3))
GOALS: Final = tuple(
    Goal(id, f"{path.name}, {name} on a new connection ÷ warm", first, goal)
    for path in HTTP_PATHS
    for id, _, name, first, goal in PLACES
)


def new_connections(world: World) -> Iterator[GoalResult]:
    for path in HTTP_PATHS:
        yield from measured(world, path)


def measured(world: World, path: HttpPath) -> Iterator[GoalResult]:
    step, close = path.step(world, NEW_CONNECTION), closing(world)
    step()  # what the process does once is not measured
    rounds = []
    for _ in range(ROUNDS):
        close()
        rounds.append(times(step, CALLS))
    warm = Sample(tuple(p50(taken[WARM_FROM:]) for taken in rounds))
    goals = {goal.label: goal for goal in GOALS}
    for _, place, name, *_ in PLACES:
        calls = Sample(tuple(taken[place - 1] for taken in rounds))
        goal = goals[f"{path.name}, {name} on a new connection ÷ warm"]
        yield GoalResult(goal, Comparison(subject=calls, control=warm))


def closing(world: World) -> Callable[[], object]:
    client = world.client(NEW_CONNECTION)
    return lambda: client.get("/health/live/", New_Connection="1")
