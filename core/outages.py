"""Recognize that the database, the cache server or a disk is at fault, and not this program."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError
from psycopg import errors

# Seconds after which clients try again.
RETRY_AFTER: Final = "5"
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
# Classes and codes of lost races, locks that are taken and statements that took too long.
BUSY: Final = ("40", "55P03", "57014")


def outage_text(error: BaseException | None) -> str:
    """Say for the log what is out of order; empty if the error is of another kind."""
    if isinstance(error, OperationalError | InterfaceError):
        return database_text(error)
    if isinstance(error, redis.RedisError):
        return f"The cache server does not work: {first_line(error)}"
    if isinstance(error, OSError) and error.errno in FULL:
        return f"The disk of {error.filename or settings.DATA_DIR} is full. Free space on it."
    return ""


def database_text(error: OperationalError | InterfaceError) -> str:
    if str(getattr(error.__cause__, "sqlstate", "")).startswith(BUSY):
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
