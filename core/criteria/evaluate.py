"""Compile criteria to a Python predicate that returns True, False, or None for unknown.

Plain loops instead of `all()` and `any()`: three times as fast, and this runs for every rule
and every lead.
"""

from collections.abc import Callable, Sequence
from typing import Any

from core.criteria.fields import Facts, FieldType
from core.criteria.operators import fold
from core.criteria.tree import AllOf, Condition, Not, Tree

Predicate = Callable[[Facts], bool | None]


def compile_predicate(tree: Tree) -> Predicate:
    if isinstance(tree, Condition):
        return compile_condition(tree)
    if isinstance(tree, Not):
        return _negated(compile_predicate(tree.part))
    parts = [compile_predicate(part) for part in tree.parts]
    return _all_of(parts) if isinstance(tree, AllOf) else _any_of(parts)


def compile_condition(condition: Condition) -> Predicate:
    field, code = condition.field, condition.operator.code
    if code in {"is_known", "is_unknown"}:
        return _knowledge(field.code, field.when_absent, wants_known=code == "is_known")
    if field.type is FieldType.TEXT:
        return _text(field.code, condition.operator.test, folded(condition.value))
    test, expected = condition.operator.test, condition.value
    return _plain(field.code, field.when_absent, test, expected)


def folded(value: Any) -> Any:
    """Fold text values, because comparisons ignore case."""
    return tuple(map(fold, value)) if isinstance(value, tuple) else fold(value)


def all_of(answers: Sequence[bool | None]) -> bool | None:
    """Kleene's AND: any False gives False, else any unknown gives unknown."""
    if False in answers:
        return False
    return None if None in answers else True


def any_of(answers: Sequence[bool | None]) -> bool | None:
    """Kleene's OR: any True gives True, else any unknown gives unknown."""
    if True in answers:
        return True
    return None if None in answers else False


def _plain(
    code: str, when_absent: Any, test: Callable[[Any, Any], bool], expected: Any
) -> Predicate:
    if_absent = None if when_absent is None else test(when_absent, expected)

    def matches(facts: Facts) -> bool | None:
        actual = facts.get(code)
        if actual is None or actual == "":
            return if_absent
        return test(actual, expected)

    return matches


def _text(code: str, test: Callable[[Any, Any], bool], expected: Any) -> Predicate:
    def matches(facts: Facts) -> bool | None:
        actual = facts.get(code)
        if not actual:
            return None
        return test(fold(actual), expected)

    return matches


def _knowledge(code: str, when_absent: Any, *, wants_known: bool) -> Predicate:
    if_absent = (when_absent is not None) is wants_known

    def matches(facts: Facts) -> bool:
        actual = facts.get(code)
        return if_absent if actual is None or actual == "" else wants_known

    return matches


def _negated(part: Predicate) -> Predicate:
    def matches(facts: Facts) -> bool | None:
        answer = part(facts)
        return None if answer is None else not answer

    return matches


def _all_of(parts: Sequence[Predicate]) -> Predicate:
    def matches(facts: Facts) -> bool | None:
        result: bool | None = True
        for part in parts:
            answer = part(facts)
            if answer is False:
                return False
            if answer is None:
                result = None
        return result

    return matches


def _any_of(parts: Sequence[Predicate]) -> Predicate:
    def matches(facts: Facts) -> bool | None:
        result: bool | None = False
        for part in parts:
            answer = part(facts)
            if answer is True:
                return True
            if answer is None:
                result = None
        return result

    return matches
