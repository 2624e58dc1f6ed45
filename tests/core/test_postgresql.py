"""The health check and the plans of connections that stay open between requests."""

import psycopg
import pytest
from django.db import close_old_connections, connection
from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQL

from core.postgresql import base
from core.postgresql.base import DatabaseWrapper
from people.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Record the checks of the connection of this thread, which is open and was just in use."""
    made: list[bool] = []

    def recorded(self: DatabaseWrapper) -> bool:
        made.append(PostgreSQL.is_usable(self))
        return made[-1]

    monkeypatch.setattr(DatabaseWrapper, "is_usable", recorded)
    request_and_pid()
    made.clear()
    return made


def request_and_pid() -> int:
    """Do what a request does, and return the process of its session."""
    close_old_connections()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return int(cursor.fetchone()[0])
    finally:
        close_old_connections()


def test_request_after_request_is_not_checked(checks: list[bool]) -> None:
    assert request_and_pid() == request_and_pid()

    assert checks == []


def test_connection_that_idled_is_checked_once(
    checks: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "MAX_IDLE", 0)

    assert request_and_pid() == request_and_pid()

    assert checks == [True, True]


def test_session_that_the_server_ended_is_replaced_before_the_first_statement(
    checks: list[bool],
) -> None:
    ended = request_and_pid()
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])

    assert request_and_pid() != ended

    assert checks == [False]


def test_connection_keeps_the_plan_of_a_statement_from_its_eighth_run() -> None:
    connection.close()
    kept = [runs_with_a_kept_plan() for _ in range(8)]

    assert kept == [0] * 7 + [1]


def runs_with_a_kept_plan() -> int:
    """Run a statement, and return how often PostgreSQL has run it with a plan for any values."""
    list(User.objects.filter(pk=1))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(generic_plans), 0) FROM pg_prepared_statements"
            " WHERE statement LIKE 'SELECT \"people_user\"%'"
        )
        return int(cursor.fetchone()[0])
