"""The tree as a Django Q that selects exactly the leads for which the predicate is True.

SQL's NOT and Django's exclude() lose the difference between false and unknown, so each node is
compiled to two questions, "known and true" and "known and false"; a NOT swaps them.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any, Final, NamedTuple

from django.db.models import CharField, IntegerField, Q, TextField, Transform
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce

from core.criteria.evaluate import folded
from core.criteria.fields import Field, FieldType, Reads
from core.criteria.tree import AllOf, Condition, Not, Tree

EVERY: Final = Q()
NONE: Final = Q(pk__in=[])
_LOOKUPS: Final[Mapping[str, str]] = {
    "is": "exact",
    "one_of": "in",
    "contains": "contains",
    "starts_with": "startswith",
    "at_least": "gte",
    "at_most": "lte",
    "since": "gte",
    "before": "lt",
}
_OPPOSITES: Final[Mapping[str, str]] = {
    "is_not": "is",
    "none_of": "one_of",
    "does_not_contain": "contains",
    "is_unknown": "is_known",
}


class Answers(NamedTuple):
    true: Q
    false: Q


class Folded(Transform):
    """Lowercase in one fixed way, whatever the collation of the database; see `operators.fold`."""

    lookup_name = "folded"
    template = 'LOWER(%(expressions)s COLLATE "pg_c_utf8")'
    output_field = TextField()


CharField.register_lookup(Folded)
TextField.register_lookup(Folded)


def to_q(tree: Tree) -> Q:
    return _answers(tree).true


def _answers(tree: Tree) -> Answers:
    if isinstance(tree, Condition):
        return _condition(tree)
    if isinstance(tree, Not):
        return Answers(*reversed(_answers(tree.part)))
    parts = [_answers(part) for part in tree.parts]
    if isinstance(tree, AllOf):
        return Answers(_every([part.true for part in parts]), _some([part.false for part in parts]))
    return Answers(_some([part.true for part in parts]), _every([part.false for part in parts]))


def _every(questions: Sequence[Q]) -> Q:
    return NONE if NONE in questions else reduce(and_, questions, EVERY)


def _some(questions: Sequence[Q]) -> Q:
    # To Django an empty Q adds nothing to an OR; here it holds for every lead.
    asked = [question for question in questions if question != NONE]
    if EVERY in asked:
        return EVERY
    return reduce(or_, asked) if asked else NONE


def _condition(condition: Condition) -> Answers:
    operator = condition.operator.code
    if operator in _OPPOSITES:
        return Answers(*reversed(_positive(condition, _OPPOSITES[operator])))
    return _positive(condition, operator)


def _positive(condition: Condition, operator: str) -> Answers:
    field, value = condition.field, condition.value
    if operator == "is_known":
        return _known(field) if field.when_absent is None else Answers(EVERY, NONE)
    if field.reads in {Reads.FILLED, Reads.SET}:
        return _known(field) if value else Answers(*reversed(_known(field)))
    if operator == "between":
        # Not Django's `range`: a limit beyond the column's type would make it select nothing.
        asked = _asked(field, "gte", value[0]) & _asked(field, "lte", value[1])
    else:
        asked = _asked(field, _LOOKUPS[operator], value)
    if field.reads is Reads.COUNT:
        return Answers(asked, ~asked)
    # Both are guarded: a limit below the column's type makes Django ask nothing at all.
    known = _known(field).true
    return Answers(known & asked, known & ~asked)


def _asked(field: Field, lookup: str, value: Any) -> Q:
    if field.reads is Reads.COUNT:
        return Q(IntegerField().get_lookups()[lookup](_count(field), value))
    if field.type is FieldType.TEXT:
        return Q(**{f"{field.path}__folded__{lookup}": folded(value)})
    return Q(**{f"{field.path}__{lookup}": value})


def _known(field: Field) -> Answers:
    """Whether the column holds anything; an empty text is as good as NULL."""
    missing = Q(**{f"{field.path}__isnull": True})
    if field.type in {FieldType.TEXT, FieldType.CHOICE} or field.reads is Reads.FILLED:
        missing |= Q(**{field.path: ""})
    return Answers(~missing, missing)


def _count(field: Field) -> Coalesce:
    count = KeyTextTransform("count", KeyTransform(field.signal, field.path))
    return Coalesce(Cast(count, IntegerField()), 0)
