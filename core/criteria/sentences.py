"""Conditions as phrases whose parts a page can set apart."""

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
