"""Parse criteria from JSON into a frozen tree: all / any / not over conditions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from core.criteria.fields import Catalog, Field
from core.criteria.operators import OPERATORS, Operator, Takes, operators_for
from core.criteria.values import read_value, shown
from core.errors import Refused

MAX_DEPTH: Final = 10


@dataclass(frozen=True)
class Condition:
    field: Field
    operator: Operator
    value: Any = None


@dataclass(frozen=True)
class AllOf:
    parts: tuple["Tree", ...]


@dataclass(frozen=True)
class AnyOf:
    parts: tuple["Tree", ...]


@dataclass(frozen=True)
class Not:
    part: "Tree"


Tree = Condition | AllOf | AnyOf | Not
EVERY_LEAD: Final = AllOf(())


class BadCriteria(Refused):
    """Invalid criteria; `field` is the code of a field, if any, `where` the path in the tree."""

    code = "bad_criteria"

    def __init__(self, problem: str, *, field: str = "", where: str = "") -> None:
        super().__init__(problem)
        self.field = field
        self.where = where


def parse(data: object, catalog: Catalog) -> Tree:
    return _parse(data, catalog, "", 1)


def make_condition(code: object, operator: object, value: object, catalog: Catalog) -> Condition:
    """Make a condition from its parts, as edited in one row."""
    return _condition({"field": code, "op": operator, "value": value}, catalog, "")


def conditions(tree: Tree) -> Iterator[Condition]:
    """Yield the conditions of the tree, left to right."""
    if isinstance(tree, Condition):
        yield tree
    elif isinstance(tree, Not):
        yield from conditions(tree.part)
    else:
        for part in tree.parts:
            yield from conditions(part)


def to_json(tree: Tree) -> dict[str, Any]:
    if isinstance(tree, AllOf):
        return {"all": [to_json(part) for part in tree.parts]}
    if isinstance(tree, AnyOf):
        return {"any": [to_json(part) for part in tree.parts]}
    if isinstance(tree, Not):
        return {"not": to_json(tree.part)}
    data = {"field": tree.field.code, "op": tree.operator.code}
    if tree.operator.takes is Takes.NOTHING:
        return data
    return {**data, "value": _plain(tree.value)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _parse(data: object, catalog: Catalog, where: str, depth: int) -> Tree:
    if depth > MAX_DEPTH:
        raise BadCriteria(f"Criteria are nested more than {MAX_DEPTH} deep.", where=where)
    if not isinstance(data, Mapping):
        raise BadCriteria(f"Criteria are an object, not {shown(data)}.", where=where)
    if "field" in data:
        return _condition(data, catalog, where)
    if len(data) != 1 or not data.keys() <= {"all", "any", "not"}:
        raise BadCriteria(
            "Criteria need exactly one of “all”, “any”, “not”, or a “field” with its “op”.",
            where=where,
        )
    ((kind, content),) = data.items()
    if kind == "not":
        return Not(_parse(content, catalog, _under(where, kind), depth + 1))
    if not isinstance(content, list):
        raise BadCriteria(f"“{kind}” takes a list of criteria.", where=_under(where, kind))
    parts = tuple(
        _parse(part, catalog, _under(where, f"{kind}.{place}"), depth + 1)
        for place, part in enumerate(content)
    )
    if kind == "any" and not parts:
        raise BadCriteria("“any” needs at least one condition.", where=_under(where, kind))
    return AllOf(parts) if kind == "all" else AnyOf(parts)


def _condition(data: Mapping[Any, Any], catalog: Catalog, where: str) -> Condition:
    code, op = data["field"], data.get("op")
    field = catalog.get(code) if isinstance(code, str) else None
    if field is None:
        raise BadCriteria(f"There is no field {shown(code)}.", field=str(code), where=where)
    try:
        if surplus := sorted(map(str, data.keys() - {"field", "op", "value"})):
            raise ValueError(f"a condition has no {shown(surplus[0])}.")
        operator = _operator(field, op)
        return Condition(field, operator, read_value(field, operator, data.get("value")))
    except ValueError as problem:
        raise BadCriteria(f"{field.label}: {problem}", field=field.code, where=where) from None


def _operator(field: Field, code: object) -> Operator:
    operator = OPERATORS.get(code) if isinstance(code, str) else None
    if operator and field.type in operator.fits:
        return operator
    problem = "an operator is missing" if code is None else f"{shown(code)} does not fit"
    fitting = ", ".join(operator.code for operator in operators_for(field.type))
    raise ValueError(f"{problem}; use one of {fitting}.")


def _under(where: str, step: str) -> str:
    return f"{where}.{step}" if where else step
