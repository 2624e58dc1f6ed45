"""S(x): write the rows that the product writes, with plain prepared SQL on one connection."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import psycopg
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection as ours
from django.db import models

from core.unit_of_work import Row, UnitOfWork, column_types

Plain = tuple[str, list[Any]]


def connect() -> psycopg.Connection[Any]:
    return psycopg.connect(
        **ours.get_connection_params() | {"cursor_factory": psycopg.Cursor}, autocommit=True
    )


@contextmanager
def recorded() -> Iterator[list[UnitOfWork]]:
    """Collect the writes of the product inside instead of executing them."""
    works: list[UnitOfWork] = []
    with patch.object(UnitOfWork, "write", lambda work: works.append(work)):
        yield works


def plain(work: UnitOfWork) -> Plain:
    """Return one statement with a typed parameter for every value, without JSON."""
    parts: list[str] = []
    values: list[Any] = []
    for sql, row_values in [*updates(work), *inserts(work)]:
        parts.append(f"part{len(parts)} AS ({sql})")
        values += row_values
    return f"WITH {', '.join(parts)} SELECT 1", values


def updates(work: UnitOfWork) -> Iterator[Plain]:
    for model, rows in work.updates.items():
        groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
        for pk, columns in rows.items():
            groups[tuple(sorted(columns))].append({"id": pk, **columns})
        for names, group in groups.items():
            yield update(model, names, group)


def update(model: type[models.Model], names: tuple[str, ...], rows: list[Row]) -> Plain:
    types = column_types(model)
    typed = ", ".join(f"%s::{types[name][1]}" for name in ("id", *names))
    sets = ", ".join(f'"{types[name][0]}" = new."{name}"' for name in names)
    columns = ", ".join(f'"{name}"' for name in ("id", *names))
    sql = (
        f'UPDATE "{model._meta.db_table}" AS target SET {sets} '  # noqa: S608  (no input in it)
        f"FROM (VALUES {', '.join(f'({typed})' for _ in rows)}) AS new({columns}) "
        "WHERE target.id = new.id RETURNING 1"
    )
    return sql, [bound(row[name], types[name][1]) for row in rows for name in ("id", *names)]


def inserts(work: UnitOfWork) -> Iterator[Plain]:
    for model, columns, rows in complete(work):
        listed = ", ".join(f'"{column}"' for column in columns.values())
        places = f"({', '.join('%s' for _ in columns)})"
        sql = (
            f'INSERT INTO "{model._meta.db_table}" ({listed}) '  # noqa: S608  (no input in it)
            f"VALUES {', '.join(places for _ in rows)}"
        )
        types = column_types(model)
        yield sql, [bound(row[name], types[name][1]) for row in rows for name in columns]


def complete(
    work: UnitOfWork,
) -> Iterator[tuple[type[models.Model], Mapping[str, str], list[Row]]]:
    """Yield each table with its columns by name, and its rows."""
    for model, rows in work.inserts.items():
        types = column_types(model)
        yield model, {name: types[name][0] for name in rows[0]}, rows


def bound(value: Any, type_: str) -> Any:
    """Return the value for the driver: JSON columns as text."""
    is_json = type_ == "jsonb"
    return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder) if is_json else value
