"""Routing rules as sentences: the words of each part, and the whole as one text."""

from __future__ import annotations

from dataclasses import dataclass

from core.criteria.sentences import ConditionWords


@dataclass(frozen=True)
class RuleWords:
    """`key` is the same in all versions of a rule. `otherwise` is empty if no rep is needed."""

    id: int
    key: int
    name: str
    conditions: tuple[ConditionWords, ...]
    to: str
    is_any: bool = False
    is_assigned: bool = True
    otherwise: str = ""
    sla: str = ""
    only_in_hours: bool = False
    is_active: bool = True
    rationale: str = ""

    @property
    def joint(self) -> str:
        return "or" if self.is_any else "and"

    @property
    def when(self) -> str:
        return f" {self.joint} ".join(map(str, self.conditions))

    @property
    def action(self) -> str:
        return "Assign to" if self.is_assigned else "Move to"

    def __str__(self) -> str:
        action = f"{self.action.lower()} {self.to}"
        parts = [f"When {self.when}, {action}" if self.conditions else f"All leads: {action}"]
        if self.only_in_hours:
            parts.append("Only during their working hours")
        if self.otherwise:
            parts.append(f"If no one is available: {self.otherwise}")
        if self.sla:
            parts.append(f"SLA: {self.sla}")
        return ". ".join(parts)
