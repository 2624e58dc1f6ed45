"""Find rules that no new lead can reach, because an earlier one takes all leads they match."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from core.criteria.evaluate import folded
from core.criteria.fields import FieldType
from core.criteria.tree import AllOf, AnyOf, Condition, Not, Tree
from handoff.routing.specs import RouteTarget, RuleSpec


def covered_rules(rules: Sequence[RuleSpec]) -> Iterator[tuple[RuleSpec, RuleSpec]]:
    """Yield each rule that is never reached, with the first rule that covers it.

    Rules that move leads to nurture come last: they do not apply to leads that someone decided
    to give to sales.
    """
    ending: list[RuleSpec] = []
    for rule in rules:
        covering = [other for other in ending if covers(other.criteria, rule.criteria)]
        if covering:
            yield rule, min(covering, key=is_for_new_leads)
        if rule.always_ends:
            ending.append(rule)


def is_for_new_leads(rule: RuleSpec) -> bool:
    return rule.target is RouteTarget.NURTURE


def covers(earlier: Tree, later: Tree) -> bool:
    """Return whether the earlier criteria surely match all that the later ones match.

    False may also mean that it takes more than comparing condition by condition.
    """
    if isinstance(later, AnyOf):
        return all(covers(earlier, part) for part in later.parts)
    if isinstance(earlier, AllOf):
        return all(covers(part, later) for part in earlier.parts)
    if isinstance(earlier, AnyOf):
        return any(covers(part, later) for part in earlier.parts)
    if isinstance(later, AllOf):
        return any(covers(earlier, part) for part in later.parts)
    if isinstance(earlier, Not) or isinstance(later, Not):
        return earlier == later
    return implies(later, earlier)


def implies(known: Condition, wanted: Condition) -> bool:
    """Return whether `wanted` is true for every value for which `known` is true."""
    if known.field.code != wanted.field.code:
        return False
    if known == wanted:
        return True
    if wanted.operator.code == "is_known":
        return known.operator.code != "is_unknown"
    if wanted.operator.code == "is_unknown":
        return False
    value, test = _value(known), wanted.operator.test
    expected = _value(wanted)
    if known.operator.code in {"is", "one_of"}:
        values = value if known.operator.code == "one_of" else (value,)
        return all(test(option, expected) for option in values)
    return _range_is_within(_limits(known), _limits(wanted))


def _value(condition: Condition) -> Any:
    is_text = condition.field.type is FieldType.TEXT and condition.value is not None
    return folded(condition.value) if is_text else condition.value


def _limits(condition: Condition) -> tuple[Any, Any] | None:
    """Return the lower and the upper limit of a range; None for no limit on that side."""
    code, value = condition.operator.code, condition.value
    if code == "between":
        return value[0], value[1]
    if code in {"at_least", "since"}:
        return value, None
    return (None, value) if code == "at_most" else None


def _range_is_within(inner: tuple[Any, Any] | None, outer: tuple[Any, Any] | None) -> bool:
    if inner is None or outer is None:
        return False
    is_above = outer[0] is None or (inner[0] is not None and inner[0] >= outer[0])
    is_below = outer[1] is None or (inner[1] is not None and inner[1] <= outer[1])
    return is_above and is_below
