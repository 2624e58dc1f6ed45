"""Further databases on the same server, filled by the same code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.db import connection, connections

_filled: set[int] = set()


def address_of_database(alias: str) -> str:
    address = urlsplit(os.environ["DATABASE_URL"])
    return address._replace(path=f"/{connections.databases[alias]['NAME']}").geturl()


def copy_empty_database() -> None:
    """Copy the measured database before it has leads or other sessions.

    Further databases are copies of the copy, as migrations take half a minute.
    """
    drop_database(name_of_copy())
    # PostgreSQL refuses to copy a database that has a session.
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name_of_copy()} TEMPLATE {own_name()}")


def fill_database(leads: int) -> None:
    """Create a database with so many leads in another process."""
    alias = alias_of(leads)
    drop_database(alias)
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [name_of_copy()])
        template = name_of_copy() if cursor.fetchone() == (1,) else "template1"
        cursor.execute(f"CREATE DATABASE {alias} TEMPLATE {template}")
    connections.databases[alias] = {**connections.databases["default"], "NAME": alias}
    command = [sys.executable, "-m", "tools.bench", "--make", str(leads)]
    environment = {**os.environ, "DATABASE_URL": address_of_database(alias)}
    subprocess.run(command, env=environment, check=True)
    _filled.add(leads)


@contextmanager
def filled_database(leads: int) -> Iterator[str]:
    """Yield the alias of a database with so many leads; fill it unless that was done before."""
    if leads not in _filled:
        fill_database(leads)
    alias = alias_of(leads)
    try:
        yield alias
    finally:
        connections[alias].close()
        drop_database(alias)
        _filled.discard(leads)


def own_name() -> str:
    return str(connection.settings_dict["NAME"])


def name_of_copy() -> str:
    return f"{own_name()}_without_leads"


def alias_of(leads: int) -> str:
    return f"with_{leads}_leads"


def drop_database(name: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} (FORCE)")
