"""Compare the migrations of the database with those of this version."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader


class NewerDatabase(Exception):
    """A newer version migrated the database, so that this one would misread it."""


def unknown_migrations() -> list[str]:
    """Return what was applied to the database and is not in this version."""
    loader = MigrationLoader(connection)
    known = {*loader.disk_migrations, *loader.replacements}
    return sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in loader.migrated_apps and (app, name) not in known
    )


def refuse_newer_database() -> None:
    """Raise NewerDatabase; a database that does not answer is reported by others.

    The thread that starts a server has no further use of the connection, so it is closed.
    """
    try:
        unknown = unknown_migrations()
    except DatabaseError:
        return
    finally:
        if not connection.in_atomic_block:
            connection.close()
    if unknown:
        raise NewerDatabase(
            f"A newer version used this database: it has the migration {unknown[-1]}, which this "
            "version does not know. Install the newer version again, or restore the backup that "
            "was made before it."
        )
