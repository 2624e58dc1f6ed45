"""The findings as the table in docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tools.bench.goals import TIMES, Goal, GoalResult, digits

HEAD: Final = (
    "| id | path | result | first | goal | reached |",
    "|---|---|---:|---:|---:|---|",
)


def table_of(findings: Iterable[GoalResult]) -> str:
    return "\n".join([*HEAD, *map(row_of, findings)])


def row_of(finding: GoalResult) -> str:
    goal = finding.goal
    cells = [
        goal.id,
        goal.label,
        with_unit(goal, finding.figure),
        with_unit(goal, goal.first),
        with_unit(goal, goal.goal),
        finding.verdict,
    ]
    return f"| {' | '.join(cells)} |"


def with_unit(goal: Goal, figure: float) -> str:
    unit = "" if goal.unit == TIMES else f" {goal.unit}"
    return f"{digits(figure) if figure < 100 else round(figure):g}{unit}"
