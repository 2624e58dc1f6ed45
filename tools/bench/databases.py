"""Further databases on the same server, filled by the same code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.db import connection, connections


def address_of_database(alias: str) -> str:
    address = urlsplit(os.environ["DATABASE_URL"])
    return address._replace(path=f"/{connections.databases[alias]['NAME']}").geturl()


@contextmanager
def filled_database(leads: int) -> Iterator[str]:
    """Create a database with so many leads in another process, and yield its alias."""
    alias = f"with_{leads}_leads"
    drop = f"DROP DATABASE IF EXISTS {alias} (FORCE)"
    with connection.cursor() as cursor:
        cursor.execute(drop)
        cursor.execute(f"CREATE DATABASE {alias}")
    connections.databases[alias] = {**connections.databases["default"], "NAME": alias}
    command = [sys.executable, "-m", "tools.bench", "--make", str(leads)]
    environment = {**os.environ, "DATABASE_URL": address_of_database(alias)}
    subprocess.run(command, env=environment, check=True)
    try:
        yield alias
    finally:
        connections[alias].close()
        with connection.cursor() as cursor:
            cursor.execute(drop)
