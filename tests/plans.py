"""Plans of statements as they would be on large tables."""

from __future__ import annotations

from typing import Final

from django.db import connection

ROWS: Final = 1_000_000
STATISTICS: Final = """
SELECT pg_restore_relation_stats(
    'schemaname', 'public', 'relname', %s::text, 'relpages', 1, 'reltuples', %s::real
)
"""
NO_VALUES: Final = """
SELECT pg_clear_attribute_stats(schemaname, tablename, attname, inherited)
FROM pg_stats WHERE schemaname = 'public' AND tablename = %s
"""


def pretend_large(*tables: str) -> None:
    """Make the planner take these tables for large until the transaction ends.

    Nothing is known about the values of their columns.
    """
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(STATISTICS, [table, ROWS])
            cursor.execute(NO_VALUES, [table])
