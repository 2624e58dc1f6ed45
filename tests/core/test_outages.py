import errno
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
import redis
from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from psycopg import errors

from core import outages
from core.outages import is_temporary, outage_text

FULL = (
    'could not extend file "base/5/16384": No space left on device\nHINT:  Check free disk space.'
)
TOO_MANY = "sending query and params failed: number of parameters must be between 0 and 65535"


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
            raised_from(errors.TooManyConnections("sorry, too many clients already")),
            "The database does not answer: sorry, too many clients already.",
        ),
        (
            raised_from(errors.ConnectionFailure("lost")),
            "The database does not answer: lost.",
        ),
        (
            raised_from(errors.IoError("could not read block 4")),
            "The database does not answer: could not read block 4.",
        ),
        (
            raised_from(psycopg.OperationalError("failed to resolve host 'db': [Errno -2]")),
            "The database does not answer: failed to resolve host 'db': [Errno -2].",
        ),
        (
            raised_from(psycopg.OperationalError("consuming input failed: EOF detected")),
            "The database does not answer: consuming input failed: EOF detected.",
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
        raised_from(psycopg.InterfaceError("the cursor is closed"), InterfaceError),
        raised_from(psycopg.OperationalError(TOO_MANY)),
        raised_from(errors.ProgramLimitExceeded("index row requires 9000 bytes")),
        raised_from(errors.ObjectNotInPrerequisiteState("sequence is not yet defined")),
    ],
)
def test_other_errors_are_not_an_outage(error: Exception | None) -> None:
    assert outage_text(error) == ""


def test_error_on_a_broken_connection_is_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    error = raised_from(psycopg.OperationalError("consuming input failed: unknown"))
    answered = "The database does not answer: consuming input failed: unknown."

    for is_closed, text in ((False, ""), (True, answered)):
        session = SimpleNamespace(closed=is_closed)
        monkeypatch.setattr(outages, "connection", SimpleNamespace(connection=session))
        assert outage_text(error) == text


@pytest.mark.django_db
def test_too_many_parameters_are_not_an_outage() -> None:
    numbers = list(range(70_000))
    places = ", ".join(["%s"] * len(numbers))

    with pytest.raises(OperationalError) as raised, transaction.atomic():
        connection.cursor().execute(f"SELECT 1 WHERE 1 IN ({places})", numbers)

    assert outage_text(raised.value) == ""


@pytest.mark.django_db
def test_closed_cursor_is_not_an_outage() -> None:
    cursor = connection.cursor()
    cursor.close()

    with pytest.raises(InterfaceError) as raised:
        cursor.execute("SELECT 1")

    assert outage_text(raised.value) == ""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OperationalError("the connection is closed"), True),
        (raised_from(errors.DeadlockDetected("deadlock")), True),
        (raised_from(errors.QueryCanceled("timeout")), True),
        (raised_from(psycopg.OperationalError(TOO_MANY)), False),
        (ValueError("no"), False),
    ],
)
def test_busy_database_is_temporary_too(error: Exception, expected: bool) -> None:
    assert is_temporary(error) == expected
