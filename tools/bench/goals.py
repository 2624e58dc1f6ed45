"""The goal of each path, and its result as a line of JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from tools.bench.measure import Comparison, Sample

TIMES: Final = "x"


@dataclass(frozen=True)
class Goal:
    """`unit` is "x" for a ratio to a control; `first` is required now, `goal` is the aim."""

    id: str
    label: str
    first: float
    goal: float
    unit: str = TIMES
    at_least: bool = False

    def reached(self, figure: float) -> str:
        for name, limit in (("goal", self.goal), ("first", self.first)):
            if figure >= limit if self.at_least else figure <= limit:
                return name
        return "no"


@dataclass(frozen=True)
class GoalResult:
    """The measurement for a goal; some have no control."""

    goal: Goal
    measured: Comparison | Sample
    note: str = ""

    @property
    def figure(self) -> float:
        if isinstance(self.measured, Comparison):
            return self.measured.ratio
        return self.measured.median

    @property
    def verdict(self) -> str:
        """Return what was reached; "restless" if the control, or a figure alone, varied a lot."""
        return self.goal.reached(self.figure) + (", restless" if self.measured.is_unstable else "")

    def as_json(self) -> str:
        goal, figure = self.goal, self.figure
        ratio = isinstance(self.measured, Comparison) or goal.unit == TIMES
        line = {
            "id": goal.id,
            "path": goal.label,
            "ratio" if ratio else "figure": digits(figure),
            "unit": goal.unit,
            "first": goal.first,
            "goal": goal.goal,
            "reached": goal.reached(figure),
            **sides_of(self.measured),
            "is_unstable": self.measured.is_unstable,
        }
        return json.dumps(line | ({"note": self.note} if self.note else {}), ensure_ascii=False)


def sides_of(measured: Comparison | Sample) -> dict[str, object]:
    if isinstance(measured, Sample):
        return {"subject": summary(measured), "rounds": len(measured.figures)}
    return {
        "subject": summary(measured.subject),
        "control": summary(measured.control),
        "rounds": len(measured.subject.figures),
    }


def summary(sample: Sample) -> dict[str, float]:
    return {
        "median": digits(sample.median),
        "min": digits(sample.least),
        "max": digits(sample.most),
    }


def digits(number: float) -> float:
    """Round to four significant digits."""
    return float(f"{number:.4g}")


OTHERS: Final = (
    Goal("I1", "intake over HTTP, p50 ÷ (H0 + S)", 5, 2),
    Goal("I2", "intake p95 ÷ p50", 2, 1.5),
    Goal("I2", "intake, rate of 4 clients ÷ rate of H0", 0.08, 0.2, at_least=True),
    Goal("I2", "intake, rate of 4 clients ÷ rate of H0 and S", 0.4, 0.6, at_least=True),
    Goal("I3", "intake at ten times the leads ÷ intake", 1.4, 1.2),
    Goal("I5", "one lead against 50 rules with trace", 400, 200, unit="µs"),
    Goal("B1", "CSV file to routed leads, rate ÷ COPY of all rows", 0.15, 0.6, at_least=True),
    Goal("B4", "intake p95 while a file is imported ÷ quiet", 5, 3),
    Goal("B3", "memory of an import", 250, 150, unit="MB"),
    Goal("A2", "accept ÷ (H1 + S)", 3, 1.3),
    Goal("A2", "reject ÷ (H1 + S)", 3, 1.3),
    Goal("A3", "failed races of 4 clients", 0, 0, unit="leads"),
    Goal("S1", "sweep of 10 k due clocks ÷ S", 3, 1.5),
    Goal("S2", "sweep at ten times the open clocks ÷ sweep", 1.5, 1.2),
    Goal("S2", "idle sweep", 5, 2, unit="ms"),
    Goal("S4", "p99 lateness of 200 due clocks a second", 7, 5.5, unit="s"),
    Goal("S4", "clocks not escalated exactly once", 0, 0, unit="clocks"),
    Goal("R1", "a day of 27 k events into the rollups ÷ S", 2, 1.3),
    Goal("R2", "rebuild of a year ÷ S", 2, 1.3),
    Goal("R2", "days that differ from a full recount", 0, 0, unit="days"),
    Goal("R3", "366 late events of as many days into the rollups", 2, 1, unit="s"),
    Goal("R3", "a late event ÷ one of today", 1.5, 1.2),
    Goal("D4", "age of today's figures", 300, 60, unit="s"),
    Goal("D2", "overview at ten times the leads ÷ overview", 1.3, 1.1),
    Goal("W1", "SQL statements of an intake", 6, 4, unit="statements"),
    Goal("W1", "SQL statements of the inbox", 6, 3, unit="statements"),
    Goal("W1", "SQL statements of an accept", 6, 3, unit="statements"),
    Goal("W1", "SQL statements of the overview", 5, 3, unit="statements"),
    Goal("W2", "web worker after 10 k requests", 130, 90, unit="MB"),
    Goal("W3", "mixed load, p99 ÷ quiet p50", 20, 10),
    Goal("W3", "errors under mixed load", 0, 0, unit="errors"),
    Goal("U1", "CPU of a warm start of the installation", 12, 6, unit="s"),
    Goal("U2", "memory of the installation", 600, 450, unit="MB"),
)
BY_LABEL: Final = {goal.label: goal for goal in OTHERS}


def goal_of(label: str) -> Goal:
    """Return the goal of a path that is not a page; those are in the registries of pages."""
    return BY_LABEL[label]
