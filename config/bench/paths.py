"""Every path by the goals it answers for, in the order in which they are run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final, NamedTuple

from config.bench import intake
from config.bench.goals import Finding
from config.bench.world import World


class Path(NamedTuple):
    ids: frozenset[str]
    run: Callable[[World], Iterator[Finding]]


PATHS: Final = (
    Path(frozenset({"I1", "I2"}), intake.intake),
    Path(frozenset({"I2"}), intake.rate),
    Path(frozenset({"I5"}), intake.decision),
)


def paths_for(ids: Collection[str]) -> list[Path]:
    """Those that answer for any of the goals named; all when none is."""
    return [path for path in PATHS if not ids or path.ids & set(ids)]
