from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import connection
from psycopg.pq import Format

NAMED: Final = re.compile(r"%\((\w+)\)s")


def fetch_rows(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """Fetch in PostgreSQL's binary format.

    In its text format Django parses timestamps in Python, which takes as long as the query.
    """
    with connection.cursor() as cursor:
        cursor.cursor.format = Format.BINARY
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def positional(sql: str, params: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """Return SQL with parameters by position instead of by name, as `RawSQL` needs it."""
    return NAMED.sub("%s", sql), [params[name] for name in NAMED.findall(sql)]
