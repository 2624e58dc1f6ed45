"""Compute the most points that criteria can give one lead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from core.criteria.fields import Field, FieldType
from core.criteria.tree import Condition, conditions
from leads.scoring import Criterion, Group, Model

STEP: Final = {FieldType.NUMBER: 1, FieldType.MOMENT: timedelta(seconds=1)}
OTHER: Final = "\N{HORIZONTAL ELLIPSIS}"  # a text that no condition names


def most_points(criteria: Iterable[Criterion]) -> int:
    """Return the points of a lead that has the best value of each field.

    Criteria of one field are tried on each value at which one of them starts or ends, so that
    those that exclude each other do not add up. Fields are taken as independent of each other.
    """
    by_field = defaultdict[str, list[Criterion]](list)
    for criterion in criteria:
        by_field[criterion.fields[0].code].append(criterion)
    return sum(_most_of_field(same_field) for same_field in by_field.values())


def most_counted(group: Group) -> int:
    return max(0, min(most_points(group.criteria), group.cap))


def most_of_model(model: Model) -> int:
    return sum(map(most_counted, model.groups))


def _most_of_field(criteria: Sequence[Criterion]) -> int:
    field = criteria[0].fields[0]
    stated = [condition for criterion in criteria for condition in conditions(criterion.tree)]
    return max(
        sum(row.points for row in criteria if row.matches({field.code: value}) is True)
        for value in _values_to_try(field, stated)
    )


def _values_to_try(field: Field, stated: Sequence[Condition]) -> Iterator[Any]:
    yield None
    if field.type is FieldType.BOOLEAN:
        yield from (True, False)
        return
    named = list(dict.fromkeys(_named(stated)))
    yield from named
    if step := STEP.get(field.type):
        yield from (value + step for value in named)
        yield from (value - step for value in named if value != 0)  # numbers are not negative
        return
    yield OTHER
    for text in named:  # contains all of them, and starts with this one
        yield " ".join([text, *named])


def _named(stated: Sequence[Condition]) -> Iterator[Any]:
    for condition in stated:
        if isinstance(condition.value, tuple):
            yield from condition.value
        elif condition.value is not None:
            yield condition.value
