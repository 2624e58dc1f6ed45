"""The write of "read, decide, write": pure decisions collect rows here, one statement writes them.

A decision adds rows to insert and columns to update; `write()` sends all of it, any number of
tables and rows, as one SQL statement with one JSON parameter a table. One row or a thousand take
the same path, so a form and an import cannot differ.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import connection, models

Row = dict[str, Any]


class Changes:
    """Rows to write, keyed by table; updates of one row are merged into one."""

    def __init__(self) -> None:
        self.inserts: dict[type[models.Model], list[Row]] = defaultdict(list)
        self.updates: dict[type[models.Model], dict[int, Row]] = defaultdict(dict)
        self._inserted: dict[tuple[type[models.Model], int], Row] = {}

    def insert(self, model: type[models.Model], **row: Any) -> None:
        """Add a row by column names (`owner_id`, not `owner`); a later update of it merges in."""
        self.inserts[model].append(row)
        if "id" in row:
            self._inserted[model, row["id"]] = row

    def update(self, model: type[models.Model], pk: int, **columns: Any) -> None:
        fresh = self._inserted.get((model, pk))
        if fresh is not None:
            fresh.update(columns)
        else:
            self.updates[model].setdefault(pk, {}).update(columns)

    def set(self, instance: models.Model, **columns: Any) -> None:
        """Change a row and the instance that stands for it."""
        for name, value in columns.items():
            setattr(instance, name, value)
        self.update(type(instance), instance.pk, **columns)

    def write(self) -> None:
        """Write everything in one statement; updates land before inserts.

        The order matters to partial unique indexes: the old handoff closes, then the new one opens.
        """
        parts, parameters = self._updates()
        waits = [name for name, _ in parts]
        inserts, more = self._inserts(waits)
        parts += inserts
        if not parts:
            return
        body = ",\n".join(f"{name} AS ({sql})" for name, sql in parts)
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {body}\nSELECT 1", parameters + more)

    def _updates(self) -> tuple[list[tuple[str, str]], list[str]]:
        parts: list[tuple[str, str]] = []
        parameters: list[str] = []
        for model, rows in self.updates.items():
            by_columns: dict[tuple[str, ...], list[Row]] = defaultdict(list)
            for pk, columns in rows.items():
                by_columns[tuple(sorted(columns))].append({"id": pk, **columns})
            for columns_of, group in by_columns.items():
                parts.append((f"u{len(parts)}", update_sql(model, columns_of, len(group) == 1)))
                parameters.append(as_json(group))
        return parts, parameters

    def _inserts(self, waits: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
        parts: list[tuple[str, str]] = []
        parameters: list[str] = []
        for model, rows in self.inserts.items():
            if not rows:
                continue
            names = tuple(dict.fromkeys(name for row in rows for name in row))
            complete = with_defaults(model, rows, names)
            parts.append((f"i{len(parts)}", insert_sql(model, tuple(complete[0]), tuple(waits))))
            parameters.append(as_json(complete))
        return parts, parameters


def with_defaults(
    model: type[models.Model], rows: Iterable[Row], names: tuple[str, ...]
) -> list[Row]:
    """Every row with the same columns: those given by any row and the model's own defaults."""
    defaults = column_defaults(model)
    wanted = dict.fromkeys([*defaults, *names])
    return [
        {
            name: row[name] if name in row else defaults[name]() if name in defaults else None
            for name in wanted
        }
        for row in rows
    ]


@cache
def column_types(model: type[models.Model]) -> Mapping[str, tuple[str, str]]:
    """Column and PostgreSQL type by attribute name, generated columns left out."""
    return {
        field.attname: (str(field.column), str(field.db_type(connection)))
        for field in model._meta.concrete_fields
        if not field.generated
    }


@cache
def column_defaults(model: type[models.Model]) -> Mapping[str, Any]:
    return {
        field.attname: field.get_default
        for field in model._meta.concrete_fields
        if not field.generated
        and not field.primary_key
        and not field.has_db_default()
        and not (field.null and not field.has_default())
    }


@cache
def insert_sql(model: type[models.Model], names: tuple[str, ...], waits: tuple[str, ...]) -> str:
    types = column_types(model)
    columns = ", ".join(f'"{types[name][0]}"' for name in names)
    record = ", ".join(f'"{name}" {types[name][1]}' for name in names)
    values = ", ".join(f'"{name}"' for name in names)
    after = " AND ".join(f"(SELECT count(*) FROM {name}) IS NOT NULL" for name in waits)  # noqa: S608  (no input in it)
    return (
        f'INSERT INTO "{model._meta.db_table}" ({columns}) '  # noqa: S608  (no input in it)
        f"SELECT {values} FROM json_to_recordset(%s::json) AS row({record})"
        + (f" WHERE {after}" if after else "")
    )


@cache
def update_sql(model: type[models.Model], names: tuple[str, ...], is_one: bool) -> str:
    """PostgreSQL expects a hundred rows from any JSON, so of a single one it is told."""
    types = column_types(model)
    record = ", ".join(f'"{name}" {types[name][1]}' for name in ("id", *names))
    assignments = ", ".join(f'"{types[name][0]}" = row."{name}"' for name in names)
    return (
        f'UPDATE "{model._meta.db_table}" AS target SET {assignments} '  # noqa: S608  (no input in it)
        f"FROM (SELECT * FROM json_to_recordset(%s::json) AS given({record})"
        f"{' LIMIT 1' if is_one else ''}) AS row "
        "WHERE target.id = row.id RETURNING 1"
    )


def as_json(rows: list[Row]) -> str:
    return json.dumps(rows, default=as_text, ensure_ascii=False)


def as_text(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as a column")


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Take ids from the table's own sequence, so that rows can point at each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [one for (one,) in cursor.fetchall()]
