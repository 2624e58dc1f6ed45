import errno
from pathlib import Path

import psycopg
import pytest
import redis
from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError
from psycopg import errors

from core.outages import outage_text

FULL = (
    'could not extend file "base/5/16384": No space left on device\nHINT:  Check free disk space.'
)


def raised_from(cause: psycopg.Error, kind: type[Exception] = OperationalError) -> Exception:
    error = kind(str(cause))
    error.__cause__ = cause
    return error


def test_full_disk_of_the_database_names_disk_and_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    database = settings.DATABASES["default"]
    monkeypatch.setitem(database, "HOST", "database.example")
    assert outage_text(raised_from(errors.DiskFull(FULL))) == (
        "The disk of the database is full. Free space on it. The log of the database server says "
        'more: could not extend file "base/5/16384": No space left on device.'
    )

    (tmp_path / "log").touch()
    monkeypatch.setitem(database, "HOST", str(tmp_path / "socket"))
    assert f"Free space on it. {tmp_path}/log says more:" in outage_text(
        raised_from(errors.DiskFull(FULL))
    )


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_full_disk_of_a_file_names_the_file(number: int) -> None:
    error = OSError(number, "No space left on device", "/data/mail/1.log")

    assert outage_text(error) == "The disk of /data/mail/1.log is full. Free space on it."


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            raised_from(errors.AdminShutdown("terminating connection due to a command\nSSL off")),
            "The database does not answer: terminating connection due to a command.",
        ),
        (
            raised_from(psycopg.OperationalError("connection failed: refused")),
            "The database does not answer: connection failed: refused.",
        ),
        (
            InterfaceError("connection already closed"),
            "The database does not answer: connection already closed.",
        ),
        (
            redis.ConnectionError("Error 111 connecting to broker:6379."),
            "The cache server does not work: Error 111 connecting to broker:6379.",
        ),
        (
            redis.ResponseError("MISCONF Errors writing to the AOF file: No space left on device"),
            "The cache server does not work: MISCONF Errors writing to the AOF file: "
            "No space left on device.",
        ),
    ],
)
def test_server_that_does_not_answer_is_an_outage(error: Exception, text: str) -> None:
    assert outage_text(error) == text


@pytest.mark.parametrize(
    "error",
    [
        None,
        ValueError("no"),
        FileNotFoundError(errno.ENOENT, "No such file"),
        raised_from(errors.UniqueViolation("twice"), IntegrityError),
        raised_from(errors.DeadlockDetected("deadlock")),
        raised_from(errors.SerializationFailure("lost")),
        raised_from(errors.QueryCanceled("timeout")),
    ],
)
def test_other_errors_are_not_an_outage(error: Exception | None) -> None:
    assert outage_text(error) == ""
