"""The operators of criteria: label, field types, shape of the value, and test."""

import operator as python
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from core.criteria.fields import FieldType


class Takes(StrEnum):
    """The shape of an operator's value."""

    NOTHING = "nothing"
    ONE = "one"
    SEVERAL = "several"
    RANGE = "range"


@dataclass(frozen=True)
class Operator:
    code: str
    label: str
    fits: frozenset[FieldType]
    takes: Takes
    test: Callable[[Any, Any], bool]


def _in(actual: Any, options: Any) -> bool:
    return actual in options


def _not_in(actual: Any, options: Any) -> bool:
    return actual not in options


def _does_not_contain(actual: str, part: str) -> bool:
    return part not in actual


def _between(actual: Any, limits: Any) -> bool:
    return bool(limits[0] <= actual <= limits[1])


def _always(actual: Any, _: Any) -> bool:
    return True


def _never(actual: Any, _: Any) -> bool:
    return False


TEXT, NUMBER, CHOICE = FieldType.TEXT, FieldType.NUMBER, FieldType.CHOICE
BOOLEAN, MOMENT = FieldType.BOOLEAN, FieldType.MOMENT
ONE, SEVERAL, RANGE, NOTHING = Takes.ONE, Takes.SEVERAL, Takes.RANGE, Takes.NOTHING


def _operator(
    code: str, label: str, takes: Takes, test: Callable[[Any, Any], bool], *fits: FieldType
) -> Operator:
    return Operator(code, label, frozenset(fits), takes, test)


# Tests get known values only. An unknown fact gives unknown for all operators but the last two.
OPERATORS: Final[Mapping[str, Operator]] = {
    operator.code: operator
    for operator in (
        _operator("is", "is", ONE, python.eq, TEXT, NUMBER, CHOICE, BOOLEAN),
        _operator("is_not", "is not", ONE, python.ne, TEXT, NUMBER, CHOICE),
        _operator("one_of", "is one of", SEVERAL, _in, TEXT, CHOICE),
        _operator("none_of", "is none of", SEVERAL, _not_in, TEXT, CHOICE),
        _operator("contains", "contains", ONE, python.contains, TEXT),
        _operator("does_not_contain", "does not contain", ONE, _does_not_contain, TEXT),
        _operator("starts_with", "starts with", ONE, str.startswith, TEXT),
        _operator("at_least", "is at least", ONE, python.ge, NUMBER),
        _operator("at_most", "is at most", ONE, python.le, NUMBER),
        _operator("between", "is between", RANGE, _between, NUMBER, MOMENT),
        _operator("since", "is at or after", ONE, python.ge, MOMENT),
        _operator("before", "is before", ONE, python.lt, MOMENT),
        _operator("is_known", "is known", NOTHING, _always, *FieldType),
        _operator("is_unknown", "is unknown", NOTHING, _never, *FieldType),
    )
}


def operators_for(field_type: FieldType) -> tuple[Operator, ...]:
    return tuple(operator for operator in OPERATORS.values() if field_type in operator.fits)


def fold(text: str) -> str:
    """Lowercase letter by letter, as PostgreSQL does under the collation `pg_c_utf8`.

    `str.lower` differs from that in two letters: the final sigma and the dotted capital I.
    """
    if text.isascii():
        return text.lower()
    return "".join([letter.lower() if letter != "İ" else "i" for letter in text])
