"""The editable values of a rule, and how two edits of one rule are merged."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from leads.admin.condition_rows import ConditionValues


@dataclass(frozen=True)
class RuleValues:
    name: str = ""
    rationale: str = ""
    match: str = "all"
    conditions: tuple[ConditionValues, ...] = ()
    target: str = ""
    person_id: int | None = None
    team_id: int | None = None
    when_nobody: str = "next_rule"
    fallback_queue_id: int | None = None
    requires_working_hours: bool = False
    policy_code: str = ""

    def as_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> RuleValues | None:
        """Return what `as_text` wrote, or None for anything else."""
        try:
            data = json.loads(text)
            return cls(**{**data, "conditions": tuple(map(tuple, data["conditions"]))})
        except (KeyError, TypeError, ValueError):
            return None


# Columns that are edited together, by the name of their form field.
PARTS: Final = {
    "name": ("name",),
    "rationale": ("rationale",),
    "conditions": ("match", "conditions"),
    "assign": ("target", "person_id", "team_id"),
    "otherwise": ("when_nobody", "fallback_queue_id"),
    "requires_working_hours": ("requires_working_hours",),
    "policy_code": ("policy_code",),
}


@dataclass(frozen=True)
class Merge:
    """`theirs` are the parts that only the other editor changed, `conflicts` those of both."""

    values: RuleValues
    theirs: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()


def merge(base: RuleValues, current: RuleValues, mine: RuleValues) -> Merge:
    """Add my changes since `base` to the current values, part by part, but for conflicts."""
    values = current
    theirs: list[str] = []
    conflicts: list[str] = []
    for part, names in PARTS.items():
        was, now, wanted = (_part(row, names) for row in (base, current, mine))
        if now != was and now != wanted:
            (theirs if wanted == was else conflicts).append(part)
        elif wanted != now:
            values = replace(values, **wanted)
    return Merge(values, tuple(theirs), tuple(conflicts))


def keep_parts(mine: RuleValues, current: RuleValues, parts: set[str]) -> RuleValues:
    """Return my values, but these parts as they are now."""
    kept = [_part(current, names) for part, names in PARTS.items() if part in parts]
    for values in kept:
        mine = replace(mine, **values)
    return mine


def _part(values: RuleValues, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(values, name) for name in names}
