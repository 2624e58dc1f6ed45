"""Routing rules as sentences: the words of each part, and the whole as one text."""

from __future__ import annotations

from dataclasses import dataclass

from core.criteria.explain import condition_in_words
from core.criteria.operators import Takes
from core.criteria.tree import Condition


@dataclass(frozen=True)
class ConditionWords:
    """“Country” “is one of” (“Germany”, “Austria”); a phrase or a problem is all in `field`."""

    field: str
    operator: str = ""
    values: tuple[str, ...] = ()
    joint: str = ", "
    is_valid: bool = True

    def __str__(self) -> str:
        return " ".join(filter(None, (self.field, self.operator, self.joint.join(self.values))))


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


def words_of(condition: Condition) -> ConditionWords:
    field, operator = condition.field, condition.operator
    if operator.takes is Takes.NOTHING:
        return ConditionWords(field.label, operator.label)
    if field.phrases and operator.code == "is":
        return ConditionWords(condition_in_words(condition))
    is_single = operator.takes is Takes.ONE
    values = (condition.value,) if is_single else condition.value
    words = [field.value_in_words(value) for value in values]
    if field.unit:
        words[-1] = f"{words[-1]} {field.unit}"
    joint = " and " if operator.takes is Takes.RANGE else ", "
    return ConditionWords(field.label, operator.label, tuple(words), joint)
