"""The score ledger as people read it: group by group, the met and the missed (QUA-11, N-25)."""

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


def met_groups(card: LeadScore, model: Model) -> list[BreakdownGroup]:
    """What made the score, group by group; what belongs to none of them comes last."""
    groups = [
        group_of(group.label, group.cap, lines_of(card.ledger, group)) for group in model.groups
    ]
    known = {group.code for group in model.groups}
    rest = [line for line in card.ledger if line["group"] not in known]
    return [*groups, group_of("Limits", 0, rest)] if rest else groups


def missed_groups(card: LeadScore, model: Model) -> list[BreakdownGroup]:
    """What could still add points, group by group."""
    groups = [(group, lines_of(card.missed, group)) for group in model.groups]
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
