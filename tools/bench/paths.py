"""Every path by the goals it answers for, in the order in which they are run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final, NamedTuple

from tools.bench import answers, clocks, imports, intake, numbers, pages, workers
from tools.bench.goals import Finding
from tools.bench.world import World


class Path(NamedTuple):
    ids: frozenset[str]
    run: Callable[[World], Iterator[Finding]]


PATHS: Final = (
    Path(frozenset({"I1", "I2"}), intake.intake),
    Path(frozenset({"I2"}), intake.rate),
    Path(frozenset({"I5"}), intake.decision),
    Path(frozenset({"A1"}), pages.inbox),
    Path(frozenset({"D1"}), pages.reports),
    Path(frozenset({"D2"}), pages.growth),
    Path(frozenset({"L1", "L2"}), pages.listing),
    Path(frozenset({"L3"}), pages.words),
    Path(frozenset({"S1"}), clocks.late_clocks),
    Path(frozenset({"S2"}), clocks.many_clocks),
    Path(frozenset({"R1"}), numbers.a_day),
    Path(frozenset({"R2"}), numbers.a_year),
    Path(frozenset({"A2"}), answers.answers),
    Path(frozenset({"A3"}), answers.race),
    Path(frozenset({"B1"}), imports.imports),
    Path(frozenset({"B3"}), imports.memory),
    Path(frozenset({"W1"}), workers.statements),
    Path(frozenset({"W2"}), workers.weight),
)


def paths_for(ids: Collection[str]) -> list[Path]:
    """Those that answer for any of the goals named; all when none is."""
    return [path for path in PATHS if not ids or path.ids & set(ids)]
