from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from config.management.database_tools import run
from reporting.rollups.refresh import rebuild

OTHERS: Final = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend'
"""
SET_ASIDE: Final = "before_restore"
# A new installation has defaults, but nothing that happened and no one who can sign in.
KEPT: Final = ("people.User", "leads.Lead", "leads.Touch")


class Command(BaseCommand):
    help = "Replace the database of a new installation by a backup."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="Delete what the database holds now."
        )

    def handle(self, *, file: Path, replace: bool, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"{file} does not exist.")
        run("pg_restore", "--list", "--file=/dev/null", str(file))
        refuse_others()
        if not replace and holds_rows():
            raise CommandError(
                "The database is in use by users or leads. Restore into a new one, or delete what"
                " it holds with --replace."
            )
        restore(file)
        call_command("prepare", stdout=self.stdout)
        rebuild(at=timezone.now())
        self.stdout.write(f"Restored {file}. Now run check_invariants.")


def refuse_others() -> None:
    with connection.cursor() as cursor:
        cursor.execute(OTHERS)
        others = cursor.fetchone()[0]
    if others:
        raise CommandError(
            f"{others} other connections use the database. Stop web, workers and beat first."
        )


def holds_rows() -> bool:
    models = [apps.get_model(name) for name in KEPT]
    tables = set(connection.introspection.table_names())
    return any(
        model._meta.db_table in tables and model._default_manager.exists() for model in models
    )


def restore(file: Path) -> None:
    """Restore beside the present tables, which are put back if the backup is damaged."""
    execute(f"ALTER SCHEMA public RENAME TO {SET_ASIDE}", "CREATE SCHEMA public")
    try:
        run(
            "pg_restore", "--no-owner", "--exit-on-error",
            f"--dbname={connection.settings_dict['NAME']}", str(file),
        )  # fmt: skip
    except CommandError:
        execute("DROP SCHEMA public CASCADE", f"ALTER SCHEMA {SET_ASIDE} RENAME TO public")
        raise
    execute(f"DROP SCHEMA {SET_ASIDE} CASCADE")


def execute(*statements: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    # Prepared statements and cached types belong to the tables that were there before.
    connection.close()
