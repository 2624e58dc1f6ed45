"""The database as every test finds it; a test that commits puts it back when it is done."""

from __future__ import annotations

from typing import Any, Final

from django.db import connection
from psycopg import sql

from core.retries import with_retries

SCHEMA: Final = "pristine"
COLUMNS: Final = """
    SELECT column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'
"""
# Rows go and come as they are: what triggers would forbid or note down is left alone.
RESTORE: Final = """
    SET LOCAL session_replication_role = replica;
    {deletes}
    {inserts}
    UPDATE leads_configuration SET stamp = nextval('leads_configuration_stamp');
"""


def keep() -> None:
    """Copy what is in the tables now, and the way back to it, beside them."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
        filled = [table for table in tables if _is_filled(cursor, table)]
        for table in filled:
            cursor.execute(f"CREATE TABLE {SCHEMA}.{table} AS TABLE public.{table}")
        restore = RESTORE.format(
            deletes="".join(f"DELETE FROM {table};" for table in tables),
            inserts="".join(_insert(cursor, table) for table in filled),
        )
        body = f"BEGIN {restore} END"
        cursor.execute(
            sql.SQL(f"CREATE PROCEDURE {SCHEMA}.restore() LANGUAGE plpgsql AS {{}}").format(body)
        )


def restore() -> None:
    """Put the tables back; a request that outlives its test may have locked rows of them."""
    with_retries(_restore)


def _restore() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CALL {SCHEMA}.restore()")


def _is_filled(cursor: Any, table: str) -> bool:
    cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")
    return bool(cursor.fetchone()[0])


def _insert(cursor: Any, table: str) -> str:
    cursor.execute(COLUMNS, [table])
    names = ", ".join(f'"{name}"' for (name,) in cursor.fetchall())
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM {SCHEMA}.{table};"
