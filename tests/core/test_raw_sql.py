from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta

import psycopg
import pytest
from django.db import DataError, OperationalError, connection
from psycopg.errors import AdminShutdown

from core.raw_sql import BoundQuery, Row, answered_meanwhile, fetch_rows, run_together
from tests.people.factories import MONDAY_9AM
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db


def test_fetched_values_equal_the_stored_ones() -> None:
    at = MONDAY_9AM + timedelta(microseconds=157231)

    ((fetched, number, text, nothing),) = fetch_rows(
        "SELECT %s::timestamptz, %s::bigint, %s::text, NULL", [at, 2**40, "Łukasik"]
    )

    assert (fetched, number, text, nothing) == (at, 2**40, "Łukasik", None)
    assert fetched.tzinfo is UTC


def test_queries_run_together_get_their_own_rows() -> None:
    numbers = BoundQuery[Row]("SELECT n FROM generate_series(1, %s) AS n", [3])
    name = BoundQuery[str]("SELECT %(name)s::text", {"name": "Ada"}, lambda rows: [rows[0][0]])
    nothing = BoundQuery[Row]("")

    with exactly_statements(2):
        run_together(numbers, nothing, name)

    assert numbers.rows == [(1,), (2,), (3,)]
    assert (name.rows, nothing.rows) == (["Ada"], [])


@pytest.mark.django_db(transaction=True)
def test_query_that_fails_among_others_raises_the_error_of_django() -> None:
    good, bad = BoundQuery[Row]("SELECT 1"), BoundQuery[Row]("SELECT 1 / %s", [0])

    with pytest.raises(DataError):
        run_together(good, bad, good)

    assert fetch_rows("SELECT 2") == [(2,)]


def test_queries_are_answered_during_the_block() -> None:
    slow, number = BoundQuery[Row]("SELECT pg_sleep(0.01), 1"), BoundQuery[Row]("SELECT 2")

    with answered_meanwhile() as send:
        send(slow)
        send(number)
        assert (slow.rows, number.rows) == ([], [])

    assert [row[-1] for row in (*slow.rows, *number.rows)] == [1, 2]


def test_empty_sql_is_not_sent() -> None:
    nothing = BoundQuery[Row]("")

    with exactly_statements(0), answered_meanwhile() as send:
        send(nothing)

    assert nothing.rows == []


@pytest.mark.django_db(transaction=True)
def test_error_in_the_block_leaves_the_connection_usable() -> None:
    def send_and_fail() -> None:
        with answered_meanwhile() as send:
            send(BoundQuery[Row]("SELECT 1"))
            raise KeyError

    with pytest.raises(KeyError):
        send_and_fail()

    assert fetch_rows("SELECT 2") == [(2,)]


def test_second_error_of_leaving_a_pipeline_does_not_hide_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "pipeline", pipeline_of_an_ended_session)

    with pytest.raises(OperationalError, match="terminating connection"):
        run_together(BoundQuery[Row](""))


@contextmanager
def pipeline_of_an_ended_session() -> Iterator[None]:
    yield
    try:
        raise AdminShutdown("terminating connection due to administrator command")
    finally:
        raise psycopg.OperationalError("cannot exit pipeline mode while busy")
