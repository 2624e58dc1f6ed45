"""The findings as people read them, and as docs/performance.md holds them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tools.bench.goals import TIMES, Finding, Goal, digits

HEAD: Final = (
    "| id | path | here | first | goal | reached |",
    "|---|---|---:|---:|---:|---|",
)


def table_of(findings: Iterable[Finding]) -> str:
    return "\n".join([*HEAD, *map(row_of, findings)])


def row_of(finding: Finding) -> str:
    goal = finding.goal
    cells = [
        goal.id,
        goal.what,
        in_words(goal, finding.figure),
        in_words(goal, goal.first),
        in_words(goal, goal.goal),
        goal.reached(finding.figure),
    ]
    return f"| {' | '.join(cells)} |"


def in_words(goal: Goal, figure: float) -> str:
    unit = "" if goal.unit == TIMES else f" {goal.unit}"
    return f"{digits(figure) if figure < 100 else round(figure):g}{unit}"
