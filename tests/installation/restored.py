"""A database restored from a dump, beside the one that the tests use."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

FIXTURES: Final = Path(__file__).parent.parent / "fixtures"
STRUCTURE: Final = """
    SELECT concat_ws(' ', table_name, column_name, udt_name, character_maximum_length,
                     is_nullable, column_default, identity_generation, generation_expression)
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    UNION SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""


@contextmanager
def restored(dump: str) -> Iterator[str]:
    """Yield the address of a new database on the same server that holds the dump."""
    server, name = os.environ["DATABASE_URL"], f"restored_{os.getpid()}"
    address = urlsplit(server)._replace(path=f"/{name}").geturl()
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            with psycopg.connect(address) as connection:
                connection.execute(gzip.decompress((FIXTURES / dump).read_bytes()))
            yield address
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def manage(address: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        env={**os.environ, "DATABASE_URL": address},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"manage.py {words[0]}: {done.stdout}{done.stderr}")
    return done.stdout


def structure(cursor: Any) -> set[str]:
    """Return columns, constraints, indexes and triggers, without the casts that a restore adds."""
    cursor.execute(STRUCTURE)
    casts = r"::(character varying|text)(\[\])?|[()]"
    return {re.sub(casts, "", row[0]) for row in cursor.fetchall()}
