from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from psycopg.pq import Format


def fetch_rows(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Fetch in PostgreSQL's binary format.

    In its text format Django parses timestamps in Python, which takes as long as the query.
    """
    with connection.cursor() as cursor:
        cursor.cursor.format = Format.BINARY
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
