"""All paths with their goals, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Final, NamedTuple

from tools.bench import (
    answers,
    clocks,
    connections,
    growth,
    imports,
    installation,
    intake,
    mixed,
    numbers,
    pages,
    workers,
)
from tools.bench.goals import OTHERS, GoalResult
from tools.bench.world import Size, World


class BenchPath(NamedTuple):
    """`prepare` makes what `run` needs beside the data, while the data are made."""

    ids: frozenset[str]
    run: Callable[[World], Iterator[GoalResult]]
    prepare: Callable[[Size], None] | None = None


def path(
    run: Callable[[World], Iterator[GoalResult]],
    *ids: str,
    prepare: Callable[[Size], None] | None = None,
) -> BenchPath:
    return BenchPath(frozenset(ids), run, prepare)


PATHS: Final = (
    path(intake.intake, "I1", "I2"),
    path(intake.rate, "I2"),
    path(intake.decision, "I5"),
    *(path(partial(pages.measured, page=page), page.id) for page in pages.PAGES),
    path(growth.against_a_tenth, "D2", "I3", prepare=growth.prepare_a_tenth),
    path(clocks.late_clocks, "S1"),
    path(clocks.many_clocks, "S2"),
    path(numbers.day, "R1"),
    path(numbers.year, "R2"),
    path(numbers.late, "R3"),
    path(numbers.age, "D4"),
    path(answers.answers, "A2"),
    path(answers.race, "A3"),
    path(imports.imports, "B1"),
    path(imports.memory, "B3"),
    path(imports.while_importing, "B4"),
    path(workers.statements, "W1"),
    path(connections.new_connections, "F1", "F10"),
    path(mixed.mixed, "W3"),
    path(clocks.steady_clocks, "S4"),
    path(workers.memory, "W2"),
    path(installation.installation, "U1", "U2", prepare=installation.prepare),
)
GOALS: Final = (
    *OTHERS,
    *(page.goal_of_ratio for page in pages.PAGES),
    *connections.GOALS,
)
IDS: Final = tuple(dict.fromkeys(id for path in PATHS for id in sorted(path.ids)))


def paths_for(ids: Collection[str]) -> list[BenchPath]:
    """Return the paths of any of these goals, or all paths if there is none."""
    return [path for path in PATHS if not ids or path.ids & set(ids)]
