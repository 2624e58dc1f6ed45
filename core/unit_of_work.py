"""Collect rows to insert and columns to update, and write all of them in one SQL statement.

The write of "read, decide, write": pure decisions add to a unit of work, `write()` sends it with
one JSON parameter per table. One row or a thousand take the same path, so a form and an import
cannot differ. Raw SQL because the ORM needs a statement per table and per set of columns.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from itertools import groupby
from typing import Any, Final, TypedDict
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

Row = dict[str, Any]
# Stands for the value of a deferred column, so that no one stores NULL as what it was before.
UNREAD: Final = object()


class Change(TypedDict):
    """The columns of a row that changed; as JSON it can be stored and put back."""

    model: str
    id: int
    before: Row
    after: Row


class UnitOfWork:
    """Rows to write, keyed by table; updates of one row are merged into one."""

    def __init__(self) -> None:
        self.inserts: dict[type[models.Model], list[Row]] = defaultdict(list)
        self.updates: dict[type[models.Model], dict[int, Row]] = defaultdict(dict)
        self._added: dict[tuple[type[models.Model], int], Row] = {}
        self._before: dict[tuple[type[models.Model], int], Row] = {}

    def add(self, instance: models.Model) -> None:
        """Insert the instance; a later update of a row with a reserved id merges into it."""
        model = type(instance)
        row = row_of(instance)
        self.inserts[model].append(row)
        if instance.pk is not None:
            self._added[model, instance.pk] = row

    def add_row(self, model: type[models.Model], **columns: Any) -> None:
        """Insert as `add` does, for a writer that is called too often to make instances."""
        row = {**defaults_of(model), **columns}
        self.inserts[model].append(row)
        if "id" in columns:
            self._added[model, columns["id"]] = row

    def update(self, model: type[models.Model], pk: int, **columns: Any) -> None:
        """Change columns (`owner_id`, not `owner`) of a row that no instance stands for."""
        added = self._added.get((model, pk))
        if added is not None:
            added.update(columns)
        else:
            self.updates[model].setdefault(pk, {}).update(columns)

    def set(self, instance: models.Model, **columns: Any) -> None:
        """Change columns of a row and of the instance that stands for it."""
        before = self._before.setdefault((type(instance), instance.pk), {})
        for name, value in columns.items():
            before.setdefault(name, instance.__dict__.get(name, UNREAD))
            setattr(instance, name, value)
        self.update(type(instance), instance.pk, **columns)

    def changes(self) -> list[Change]:
        """Return what `set` changes in rows that exist, with the values before and after."""
        for (model, pk), before in self._before.items():
            if UNREAD in before.values():
                raise ValueError(f"{model.__name__} {pk} was changed without having been read.")
        return [
            Change(
                model=model._meta.label,
                id=pk,
                before=before,
                after={name: self.updates[model][pk][name] for name in before},
            )
            for (model, pk), before in self._before.items()
            if pk in self.updates.get(model, {})
        ]

    def write(self) -> None:
        """Write everything in one statement; updates land before inserts.

        The order matters to partial unique indexes: the old handoff closes, then the new one opens.
        """
        parts, parameters = self._updates()
        update_names = [name for name, _ in parts]
        inserts, insert_parameters = self._inserts(update_names)
        parts += inserts
        if not parts:
            return
        body = ",\n".join(f"{name} AS ({sql})" for name, sql in parts)
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {body}\nSELECT 1", parameters + insert_parameters)

    def _updates(self) -> tuple[list[tuple[str, str]], list[str]]:
        parts: list[tuple[str, str]] = []
        parameters: list[str] = []
        for model, rows in self.updates.items():
            by_columns: dict[tuple[str, ...], list[Row]] = defaultdict(list)
            for pk, columns in rows.items():
                by_columns[tuple(sorted(columns))].append({"id": pk, **columns})
            for names, group in by_columns.items():
                parts.append((f"u{len(parts)}", update_sql(model, names, len(group) == 1)))
                parameters.append(as_json(group))
        return parts, parameters

    def _inserts(self, update_names: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
        parts: list[tuple[str, str]] = []
        parameters: list[str] = []
        for model, rows in self.inserts.items():
            for names, group in groupby(sorted(rows, key=len), key=tuple):
                parts.append((f"i{len(parts)}", insert_sql(model, names, tuple(update_names))))
                parameters.append(as_json(group))
        return parts, parameters


def insert_ignoring_conflicts(model: type[models.Model], rows: Collection[Row]) -> None:
    """Insert rows with the same columns in one statement, except those that exist already."""
    if not rows:
        return
    sql = insert_sql(model, tuple(next(iter(rows))), ())
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ON CONFLICT DO NOTHING", [as_json(rows)])


def row_of(instance: models.Model) -> Row:
    """Return the columns to insert; what the database fills in by itself is left out."""
    names = columns_to_insert(type(instance), has_pk=instance.pk is not None)
    return {name: getattr(instance, name) for name in names}


@cache
def columns_to_insert(model: type[models.Model], *, has_pk: bool = True) -> tuple[str, ...]:
    return tuple(
        field.attname
        for field in model._meta.concrete_fields
        if not field.generated and not field.has_db_default()
        if has_pk or not field.primary_key
    )


@cache
def defaults_of(model: type[models.Model]) -> Row:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {name: fields[name].get_default() for name in columns_to_insert(model, has_pk=False)}


@cache
def column_types(model: type[models.Model]) -> Mapping[str, tuple[str, str]]:
    """Column and PostgreSQL type by attribute name, generated columns left out."""
    return {
        field.attname: (str(field.column), str(field.db_type(connection)))
        for field in model._meta.concrete_fields
        if not field.generated
    }


@cache
def insert_sql(
    model: type[models.Model], names: tuple[str, ...], update_names: tuple[str, ...]
) -> str:
    """Return an INSERT from JSON that runs after the updates of the same statement."""
    types = column_types(model)
    columns = ", ".join(f'"{types[name][0]}"' for name in names)
    record = ", ".join(f'"{name}" {types[name][1]}' for name in names)
    values = ", ".join(f'"{name}"' for name in names)
    after = " AND ".join(
        f"(SELECT count(*) FROM {name}) IS NOT NULL"  # noqa: S608  # names are made here
        for name in update_names
    )
    return (
        f'INSERT INTO "{model._meta.db_table}" ({columns}) '  # noqa: S608  # names from _meta
        f"SELECT {values} FROM json_to_recordset(%s::json) AS row({record})"
        + (f" WHERE {after}" if after else "")
    )


@cache
def update_sql(model: type[models.Model], names: tuple[str, ...], is_one: bool) -> str:
    """Return an UPDATE from JSON.

    The planner assumes 100 rows from json_to_recordset; LIMIT 1 corrects the estimate.
    """
    types = column_types(model)
    record = ", ".join(f'"{name}" {types[name][1]}' for name in ("id", *names))
    assignments = ", ".join(f'"{types[name][0]}" = row."{name}"' for name in names)
    return (
        f'UPDATE "{model._meta.db_table}" AS target SET {assignments} '  # noqa: S608  # as above
        f"FROM (SELECT * FROM json_to_recordset(%s::json) AS input({record})"
        f"{' LIMIT 1' if is_one else ''}) AS row "
        "WHERE target.id = row.id RETURNING 1"
    )


def as_json(rows: Iterable[Row]) -> str:
    return json.dumps(list(rows), default=as_text, ensure_ascii=False)


def as_text(value: object) -> str:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as a column")


@lru_cache(maxsize=1024)
def moment_text(moment: datetime) -> str:
    """Return what most rows of a write have: the moment of the change."""
    return moment.isoformat()


def new_ids(model: type[models.Model], count: int) -> models.Func:
    """Return an expression that reserves ids, for a statement that reads anyway."""
    next_id = f"nextval(pg_get_serial_sequence('{model._meta.db_table}', 'id'))"
    return models.Func(
        template=f"ARRAY(SELECT {next_id} FROM generate_series(1, {count}))",  # noqa: S608  # names from _meta
        output_field=ArrayField(models.BigIntegerField()),
    )


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Take ids from the table's own sequence, so that rows can point at each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]
