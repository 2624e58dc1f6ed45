"""G, D2 and I3: the same requests on databases with more and with fewer leads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from tools.bench.databases import fill_database
from tools.bench.goals import Goal, GoalResult, goal_of
from tools.bench.http_paths import HTTP_PATHS, HttpPath, sending
from tools.bench.measure import Comparison, Sample, alternate, p50, times
from tools.bench.pages import OVERVIEW
from tools.bench.steps import Step, against
from tools.bench.table import with_unit
from tools.bench.web import PRODUCT
from tools.bench.world import Size, World

DIVISOR: Final = 10
SIZES: Final = (10_000, 100_000, 1_000_000)
MAX_RUNS: Final = 2


@dataclass(frozen=True)
class Growth:
    """The milliseconds of a path by the number of leads, the fewest first."""

    path: HttpPath
    by_leads: dict[int, Sample]

    @property
    def smallest(self) -> Sample:
        return self.by_leads[min(self.by_leads)]

    @property
    def result(self) -> GoalResult:
        most, fewest = max(self.by_leads), min(self.by_leads)
        goal = Goal("G", f"{self.path.name}, {most:,} leads ÷ {fewest:,}", 2, 1.3)
        return GoalResult(goal, Comparison(subject=self.by_leads[most], control=self.smallest))


def growth(world: World, sizes: Sequence[int]) -> Iterator[Growth]:
    """Measure each path on all sizes in turn; the largest is that of the world."""
    *fewer, _ = sorted(sizes)
    worlds = [*map(world.with_leads, fewer), world]
    for path in HTTP_PATHS:
        yield min(measured(worlds, path), key=lambda row: row.smallest.spread)


def measured(worlds: Sequence[World], path: HttpPath) -> list[Growth]:
    """Measure once, and once more if the smallest was unstable."""
    calls = max(worlds[-1].size.page_calls // 2, 5)
    steps = [path.step(world, PRODUCT) for world in worlds]
    sides = [partial(milliseconds, step, calls) for step in steps]
    runs: list[Growth] = []
    while len(runs) < MAX_RUNS and (not runs or runs[-1].smallest.is_unstable):
        samples = alternate(sides)
        by_leads = {world.size.leads: sample for world, sample in zip(worlds, samples, strict=True)}
        runs.append(Growth(path, by_leads))
    return runs


def milliseconds(step: Step, calls: int) -> float:
    return 1000 * p50(times(step, calls))


def growth_table(rows: Iterable[Growth]) -> str:
    """Return the table in docs/performance.md."""
    rows = list(rows)
    sizes = [f"{leads:,}" for leads in rows[0].by_leads]
    lines = [["path", *sizes, "ratio", "first", "goal", "reached"]]
    lines.append(["---", *["---:"] * (len(sizes) + 3), "---"])
    for row in rows:
        goal, figure = row.result.goal, row.result.figure
        lines.append(
            [
                row.path.name,
                *(f"{sample.median:.1f} ms" for sample in row.by_leads.values()),
                *(with_unit(goal, number) for number in (figure, goal.first, goal.goal)),
                row.result.verdict,
            ]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def prepare_a_tenth(size: Size) -> None:
    fill_database(size.leads // DIVISOR)


def against_a_tenth(world: World) -> Iterator[GoalResult]:
    """D2 and I3: the overview and the intake on a database with a tenth of the leads."""
    tenth = world.with_leads(world.size.leads // DIVISOR)
    for label, step in (
        ("overview at ten times the leads ÷ overview", OVERVIEW.step),
        ("intake at ten times the leads ÷ intake", sending),
    ):
        comparison = against(world, step(tenth, PRODUCT), step(world, PRODUCT))
        yield GoalResult(goal_of(label), comparison)
