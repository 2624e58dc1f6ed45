"""Compile a queryset once in a process, and run it with other values each time.

Django builds the SQL of a queryset anew for every request. For a page of many joins that takes
several times as long as PostgreSQL takes to run it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from typing import Any, Final, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db.models import JSONField, Model, QuerySet
from django.db.models.query import get_related_populators

from core.raw_sql import BoundQuery

M = TypeVar("M", bound=Model)
Value = int | str | datetime | Sequence[int]

# In the range of every integer column, and in no row.
FIRST_ID: Final = -(2**31)
FIRST_TIME: Final = datetime(1900, 1, 1, tzinfo=UTC)


class CannotBind(Exception):
    """The SQL depends on a value in another way than as a parameter."""


class CompiledSql:
    """The SQL of a queryset, which depends only on a shape and the lengths of lists.

    `build` gets the shape, and stand-ins for the values by name. What it computed from a value
    would stay in the SQL for good, so that raises CannotBind.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._statements: dict[Hashable, _Statement] = {}

    def sql(self, *shape: Hashable, **values: Value) -> tuple[str, list[Any]]:
        """Return the SQL and its parameters; no SQL if the query cannot have rows."""
        statement = self._statement(shape, values)
        return statement.sql, statement.params_of(flat(values))

    def _statement(self, shape: tuple[Hashable, ...], values: Mapping[str, Value]) -> _Statement:
        key = (shape, *(len(value) for value in values.values() if isinstance(value, list)))
        if key not in self._statements:
            self._statements[key] = self._compile(shape, values)
        return self._statements[key]

    def _compile(self, shape: tuple[Hashable, ...], values: Mapping[str, Value]) -> _Statement:
        """Compile with two sets of stand-ins: the parameters in which they differ are bound."""
        numbers = count()
        first, second = stand_ins(values, numbers), stand_ins(values, numbers)
        statement = _Statement(self._build(*shape, **first))
        statement.bind(_Statement(self._build(*shape, **second)), flat(first), flat(second))
        return statement


class CompiledQuery(CompiledSql, Generic[M]):
    """The same of a queryset of instances."""

    def __init__(self, build: Callable[..., QuerySet[M]]) -> None:
        super().__init__(build)

    def bound(self, *shape: Hashable, **values: Value) -> BoundQuery[M]:
        statement = self._statement(shape, values)
        params = statement.params_of(flat(values))
        return BoundQuery(statement.sql, params, statement.instances.read)

    def rows(self, *shape: Hashable, **values: Value) -> list[M]:
        return self.bound(*shape, **values).fetch()

    def row(self, *shape: Hashable, **values: Value) -> M | None:
        return next(iter(self.rows(*shape, **values)), None)


def stand_ins(values: Mapping[str, Value], numbers: count[int]) -> dict[str, Value]:
    return {
        name: [stand_in(item, next(numbers)) for item in value]
        if isinstance(value, list)
        else stand_in(value, next(numbers))
        for name, value in values.items()
    }


def stand_in(value: Any, number: int) -> Any:
    if isinstance(value, datetime):
        return FIRST_TIME + timedelta(days=number)
    return f"stand-in {number}" if isinstance(value, str) else FIRST_ID + number


def flat(values: Mapping[str, Value]) -> list[Any]:
    """Return the values in order, with those of lists one by one."""
    return [
        item
        for value in values.values()
        for item in (value if isinstance(value, list) else [value])
    ]


class _Statement:
    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        self._compiler: Any = queryset.query.get_compiler(queryset.db)
        try:
            self.sql, self._params = self._compiler.as_sql()
        except EmptyResultSet:
            self.sql, self._params = "", ()
        self._places: dict[int, int] = {}

    def bind(self, twin: _Statement, values: Sequence[Any], others: Sequence[Any]) -> None:
        """Find the parameters of values: they differ from those of the twin as the values do."""
        pairs = [*zip(values, others, strict=True)]
        if self.sql != twin.sql:
            raise CannotBind(self.sql)
        for number, pair in enumerate(zip(self._params, twin._params, strict=True)):
            if pair in pairs:
                self._places[number] = pairs.index(pair)
            elif pair[0] != pair[1]:
                raise CannotBind(self.sql)

    def params_of(self, values: Sequence[Any]) -> list[Any]:
        params = list(self._params)
        for number, place in self._places.items():
            # The type decides the type of the parameter in PostgreSQL.
            kind, value = type(params[number]), values[place]
            params[number] = kind(value) if issubclass(kind, int) else value
        return params

    @cached_property
    def instances(self) -> _Instances:
        return _Instances(self._compiler)


class _Instances:
    """Make instances of the rows of a query, as `ModelIterable` does it.

    Django looks for all of this with every run.
    """

    def __init__(self, compiler: Any) -> None:
        self._apply, self._db = compiler.apply_converters, compiler.using
        select, info = compiler.select, compiler.klass_info
        converters = compiler.get_converters([selected for selected, _, _ in select])
        self._converters = without_json(converters)
        columns = info["select_fields"]
        self._from_db: Any = info["model"].from_db
        self._columns = slice(columns[0], columns[-1] + 1)
        self._names = [selected.target.attname for selected, _, _ in select[self._columns]]
        self._related = get_related_populators(info, select, self._db)  # type: ignore[call-arg]  # typed for Django 6.1
        self._annotations = [*compiler.annotation_col_map.items()]

    def read(self, rows: list[tuple[Any, ...]]) -> list[Any]:
        if self._converters:
            rows = self._apply(rows, self._converters)
        return [self._instance(row) for row in rows]

    def _instance(self, row: Sequence[Any]) -> Any:
        instance = self._from_db(self._db, self._names, row[self._columns])
        for populator in self._related:
            populator.populate(row, instance)
        for name, column in self._annotations:
            setattr(instance, name, row[column])
        return instance


def without_json(converters: Mapping[int, Any]) -> dict[int, Any]:
    """Leave out what parses JSON as text: in the binary format it is parsed already."""
    return {
        place: (others, expression)
        for place, (functions, expression) in converters.items()
        if (others := [function for function in functions if not is_of_json(function)])
    }


def is_of_json(converter: Any) -> bool:
    field = getattr(converter, "__self__", None)
    return isinstance(getattr(field, "base_field", field), JSONField)
