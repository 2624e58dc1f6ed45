"""Plans of statements as they would be on large tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.db import connection

ROWS: Final = 1_000_000
STATISTICS: Final = """
SELECT pg_restore_relation_stats(
    'schemaname', 'public', 'relname', %(table)s::text,
    'relpages', pg_relation_size(%(table)s::regclass)::integer / 8192,
    'reltuples', %(rows)s::real, 'relallvisible', %(rows)s::integer
)
"""
NO_VALUES: Final = """
SELECT pg_clear_attribute_stats(schemaname, tablename, attname, inherited)
FROM pg_stats WHERE schemaname = 'public' AND tablename = %s
"""

NOT_PLANNED: Final = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SET")


def forget_values(*tables: str) -> None:
    """Let nothing be known about the values in columns of tables, or in expressions of indexes."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(NO_VALUES, [table])


def pretend_large(*tables: str) -> None:
    """Make the planner take these tables for large, and vacuumed, until the transaction ends.

    Nothing is known about the values of their columns. The planner multiplies the rows of a page by
    the present pages, which include rows that earlier tests rolled back.
    """
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT FROM {table} LIMIT 1")
            assert cursor.rowcount, f"{table} is empty, and empty tables are read at no cost"
            cursor.execute(STATISTICS, {"table": table, "rows": ROWS})
    forget_values(*tables)


def plans_of(run: Callable[[], object], *, is_prepared: bool = False) -> list[str]:
    """Return the plans of all statements that are executed.

    Those of prepared statements hold for any values: a statement has such a plan from its eighth
    execution on a connection.
    """
    plan = generic_plan_of if is_prepared else plan_of
    statements: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        run()
    return [plan(sql, params) for sql, params in statements if not sql.startswith(NOT_PLANNED)]


def plan_of(sql: str, params: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", params)
        return "\n".join(line for (line,) in cursor.fetchall())


def generic_plan_of(sql: str, params: Any) -> str:
    numbers = [f"${number}" for number, _ in enumerate(params, start=1)]
    named = isinstance(params, dict)
    in_sql = sql % (dict(zip(params, numbers, strict=True)) if named else tuple(numbers))
    return plan_of(f"(GENERIC_PLAN) {in_sql}", None)


def scans_of(table: str, nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the nodes of a plan that read the table."""
    scans = []
    for row in nodes:
        node = row.get("Plan", row)
        scans += [node] if node.get("Relation Name") == table else []
        scans += scans_of(table, node.get("Plans", []))
    return scans
