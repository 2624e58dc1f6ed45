"""The databases of a test run: one template per schema and defaults, copied for every worker.

The template stays on the server, so only the first run after a change of migrations or defaults
waits for it. A slot is what a process has to itself: a database and a number in Valkey.
"""

from __future__ import annotations

import ast
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from config.bootstrap import bootstrap
from tests import pristine
from tests.people.factories import MONDAY_9AM

ROOT: Final = Path(__file__).resolve().parents[1]
SLOTS: Final = 16  # as many databases as a Valkey server has unless told otherwise
LOCKS: Final = 0x7E57  # the first key of our advisory locks; the second is the slot
BUILDING: Final = SLOTS


def connect() -> psycopg.Connection[Any]:
    return psycopg.connect(os.environ["DATABASE_URL"], dbname="postgres", autocommit=True)


class Slot:
    """Held as long as the process lives, through a lock of its own session."""

    def __init__(self) -> None:
        self.session = connect()
        taken = "SELECT pg_try_advisory_lock(%s, %s)"
        for number in range(SLOTS):
            if self.session.execute(taken, [LOCKS, number]).fetchone() == (True,):
                self.number = number
                return
        raise pytest.UsageError(f"{SLOTS} test processes already use this database server.")

    @contextmanager
    def database(self) -> Iterator[None]:
        """Point Django to a new copy of the template."""
        name, original = f"test_{self.number}", connection.settings_dict["NAME"]
        template = self.template()
        self.drop(name)
        self.run("CREATE DATABASE {} TEMPLATE {}", name, template)
        # A commit of a test need not survive a power cut.
        self.run("ALTER DATABASE {} SET synchronous_commit = off", name)
        use(name)
        # It stays for the next process in this slot: to drop it now would wait for a checkpoint.
        yield
        use(original)

    def template(self) -> str:
        """Return the name of the template; the first process that needs it builds it."""
        name = f"template_{fingerprint()}"
        self.session.execute("SELECT pg_advisory_lock(%s, %s)", [LOCKS, BUILDING])
        templates = self.session.execute(
            "SELECT datname FROM pg_database WHERE datname ^@ 'template_'"
        )
        existing = {row[0] for row in templates}
        if name not in existing:
            for outdated in existing:
                self.drop(outdated)
            self.build(name)
        self.session.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, BUILDING])
        return name

    def build(self, name: str) -> None:
        """Make it under another name first: one that was interrupted is never taken for whole."""
        unfinished, original = "unfinished_template", connection.settings_dict["NAME"]
        self.drop(unfinished)
        self.run("CREATE DATABASE {}", unfinished)
        use(unfinished)
        call_command("migrate", verbosity=0)
        bootstrap(at=MONDAY_9AM)
        pristine.keep()
        use(original)
        self.run("ALTER DATABASE {} RENAME TO {}", unfinished, name)

    def drop(self, name: str) -> None:
        self.run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def run(self, statement: str, *names: str) -> None:
        self.session.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def use(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def fingerprint() -> str:
    """Hash all that decides what is in the template: migrations, defaults, settings, packages."""
    ours = [app for app in apps.get_app_configs() if Path(app.path).is_relative_to(ROOT)]
    roots = ["config.bootstrap", "config.settings", pristine.__name__, __name__]
    roots += [f"{app.name}.models" for app in ours]
    files = imported_files(roots)
    files |= {file for app in ours for file in Path(app.path).glob("migrations/*.py")}
    files.add(ROOT / "requirements" / "dev.txt")
    digest = hashlib.sha256(sys.version.encode())
    for file in sorted(files):
        digest.update(f"{file.relative_to(ROOT)}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def imported_files(modules: list[str]) -> set[Path]:
    """Return the files of this project that the modules import, and those import, and so on."""
    files: set[Path] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        file = file_of(module)
        if file and file not in files:
            files.add(file)
            waiting += [*imports_of(file), module.rpartition(".")[0]]
    return files


def file_of(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py") if module else ()
    return next((file for file in candidates if file.is_file()), None)


def imports_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
