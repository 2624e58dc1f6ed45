"""Compile criteria to a Django Q that selects the leads for which the predicate is True.

SQL's NOT and Django's exclude() do not tell false from unknown, so each node is compiled to two
filters, "known and true" and "known and false"; a NOT swaps them.
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


class TruthFilters(NamedTuple):
    true: Q
    false: Q


class Folded(Transform):
    """Lowercase the same way under any database collation; see `operators.fold`."""

    lookup_name = "folded"
    template = 'LOWER(%(expressions)s COLLATE "pg_c_utf8")'
    output_field = TextField()


CharField.register_lookup(Folded)
TextField.register_lookup(Folded)


def to_q(tree: Tree) -> Q:
    return _filters(tree).true


def _filters(tree: Tree) -> TruthFilters:
    if isinstance(tree, Condition):
        return _condition(tree)
    if isinstance(tree, Not):
        return TruthFilters(*reversed(_filters(tree.part)))
    parts = [_filters(part) for part in tree.parts]
    true, false = [part.true for part in parts], [part.false for part in parts]
    if isinstance(tree, AllOf):
        return TruthFilters(_every(true), _some(false))
    return TruthFilters(_some(true), _every(false))


def _every(filters: Sequence[Q]) -> Q:
    return NONE if NONE in filters else reduce(and_, filters, EVERY)


def _some(filters: Sequence[Q]) -> Q:
    # Django ignores an empty Q in an OR, but here it matches every lead.
    present = [condition for condition in filters if condition != NONE]
    if EVERY in present:
        return EVERY
    return reduce(or_, present) if present else NONE


def _condition(condition: Condition) -> TruthFilters:
    operator = condition.operator.code
    if operator in _OPPOSITES:
        return TruthFilters(*reversed(_positive(condition, _OPPOSITES[operator])))
    return _positive(condition, operator)


def _positive(condition: Condition, operator: str) -> TruthFilters:
    field, value = condition.field, condition.value
    if operator == "is_known":
        return _known(field) if field.when_absent is None else TruthFilters(EVERY, NONE)
    if field.reads in {Reads.FILLED, Reads.SET}:
        return _known(field) if value else TruthFilters(*reversed(_known(field)))
    if operator == "between":
        # With Django's `range`, a limit outside the column's type would match no lead.
        matches = _lookup(field, "gte", value[0]) & _lookup(field, "lte", value[1])
    else:
        matches = _lookup(field, _LOOKUPS[operator], value)
    if field.reads is Reads.COUNT:
        return TruthFilters(matches, ~matches)
    # Both need `known`: Django drops a comparison with a limit outside the column's type.
    known = _known(field).true
    return TruthFilters(known & matches, known & ~matches)


def _lookup(field: Field, lookup: str, value: Any) -> Q:
    if field.reads is Reads.COUNT:
        return Q(IntegerField().get_lookups()[lookup](_count(field), value))
    if field.type is FieldType.TEXT:
        return Q(**{f"{field.path}__folded__{lookup}": folded(value)})
    return Q(**{f"{field.path}__{lookup}": value})


def _known(field: Field) -> TruthFilters:
    """Filter by whether the column has a value; empty text counts as NULL."""
    missing = Q(**{f"{field.path}__isnull": True})
    if field.type in {FieldType.TEXT, FieldType.CHOICE} or field.reads is Reads.FILLED:
        missing |= Q(**{field.path: ""})
    return TruthFilters(~missing, missing)


def _count(field: Field) -> Coalesce:
    count = KeyTextTransform("count", KeyTransform(field.signal, field.path))
    return Coalesce(Cast(count, IntegerField()), 0)
