"""All paths with their goals, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final, NamedTuple

from tools.bench import answers, clocks, imports, intake, numbers, pages, workers
from tools.bench.goals import GoalResult
from tools.bench.world import World


class BenchPath(NamedTuple):
    ids: frozenset[str]
    run: Callable[[World], Iterator[GoalResult]]


PATHS: Final = (
    BenchPath(frozenset({"I1", "I2"}), intake.intake),
    BenchPath(frozenset({"I2"}), intake.rate),
    BenchPath(frozenset({"I5"}), intake.decision),
    BenchPath(frozenset({"A1"}), pages.inbox),
    BenchPath(frozenset({"D1"}), pages.reports),
    BenchPath(frozenset({"D2"}), pages.growth),
    BenchPath(frozenset({"L1", "L2"}), pages.listing),
    BenchPath(frozenset({"L3"}), pages.search),
    BenchPath(frozenset({"S1"}), clocks.late_clocks),
    BenchPath(frozenset({"S2"}), clocks.many_clocks),
    BenchPath(frozenset({"R1"}), numbers.day),
    BenchPath(frozenset({"R2"}), numbers.year),
    BenchPath(frozenset({"A2"}), answers.answers),
    BenchPath(frozenset({"A3"}), answers.race),
    BenchPath(frozenset({"B1"}), imports.imports),
    BenchPath(frozenset({"B3"}), imports.memory),
    BenchPath(frozenset({"W1"}), workers.statements),
    BenchPath(frozenset({"W2"}), workers.memory),
)


def paths_for(ids: Collection[str]) -> list[BenchPath]:
    """Return the paths of any of these goals, or all paths if there is none."""
    return [path for path in PATHS if not ids or path.ids & set(ids)]
