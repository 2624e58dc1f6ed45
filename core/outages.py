"""Recognize that the database, the cache server or a disk is at fault, and not this program."""

from __future__ import annotations

import errno
import re
from pathlib import Path
from typing import Final

import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from psycopg import errors

# Seconds after which clients try again.
RETRY_AFTER: Final = "5"
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
# Classes of codes of PostgreSQL: lost connections, exhausted resources, a server that an operator
# stops or that starts, and errors of its system.
OUTAGES: Final = ("08", "53", "57P", "58")
# Lost races, locks that are taken and statements that took too long.
BUSY: Final = ("40", "55P03", "57014")
# The driver gives no code to a connection that fails, and none to its own refusals either.
LOST: Final = re.compile(
    r"connection|failed to resolve host|could not (?:send|receive) data|EOF detected"
)


def outage_text(error: BaseException | None) -> str:
    """Say for the log what is out of order; empty if the error is of another kind."""
    if isinstance(error, OperationalError | InterfaceError):
        return database_text(error)
    if isinstance(error, redis.RedisError):
        return f"The cache server does not work: {first_line(error)}"
    if isinstance(error, OSError) and error.errno in FULL:
        return f"The disk of {error.filename or settings.DATA_DIR} is full. Free space on it."
    return ""


def is_temporary(error: BaseException) -> bool:
    """Return whether the same may work later: an outage, or a database that is busy."""
    return bool(outage_text(error)) or code_of(error).startswith(BUSY)


def code_of(error: BaseException) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


def is_connection_lost(error: BaseException) -> bool:
    session = connection.connection
    return bool(LOST.search(str(error))) or (session is not None and session.closed)


def database_text(error: OperationalError | InterfaceError) -> str:
    code = code_of(error)
    if not (code.startswith(OUTAGES) if code else is_connection_lost(error)):
        return ""
    if isinstance(error.__cause__, errors.DiskFull):
        return (
            f"The disk of the database is full. Free space on it. {database_log()} says more: "
            f"{first_line(error)}"
        )
    return f"The database does not answer: {first_line(error)}"


def database_log() -> str:
    """Name the log of the database: a file if script/serve runs it, beside its socket folder."""
    log = Path(settings.DATABASES["default"]["HOST"]).parent / "log"
    return str(log) if log.is_file() else "The log of the database server"


def first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".") + "."
