"""Format the score breakdown by group, with met and missed criteria."""

from __future__ import annotations

from dataclasses import dataclass

from leads.models import LeadScore
from leads.scoring import Group, Line, Model

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class BreakdownLine:
    label: str
    points: str
    value: str
    met: bool


@dataclass(frozen=True, slots=True)
class BreakdownGroup:
    label: str
    points: int
    cap: int
    lines: list[BreakdownLine]


def met_groups(score: LeadScore, model: Model) -> list[BreakdownGroup]:
    """Return the lines behind the score by group; limits come last."""
    groups = [
        group_of(group.label, group.cap, lines_of(score.ledger, group)) for group in model.groups
    ]
    known = {group.code for group in model.groups}
    rest = [line for line in score.ledger if line["group"] not in known]
    return [*groups, group_of("Limits", 0, rest)] if rest else groups


def missed_groups(score: LeadScore, model: Model) -> list[BreakdownGroup]:
    """Return the criteria that could still add points, by group."""
    groups = [(group, lines_of(score.missed, group)) for group in model.groups]
    return [group_of(group.label, group.cap, lines, met=False) for group, lines in groups if lines]


def lines_of(lines: list[Line], group: Group) -> list[Line]:
    return [line for line in lines if line["group"] == group.code]


def group_of(label: str, cap: int, lines: list[Line], *, met: bool = True) -> BreakdownGroup:
    points = sum(line["points"] for line in lines)
    return BreakdownGroup(label, points, cap, [line_of(line, met=met) for line in lines])


def line_of(line: Line, *, met: bool) -> BreakdownLine:
    points = line["points"]
    text = f"+{points}" if points > 0 else f"{MINUS}{-points}" if points else "0"
    return BreakdownLine(line["label"], text if met else str(points), line["detail"], met)
