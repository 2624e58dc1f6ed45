from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final, Generic, TypeVar

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import Error, OperationalError
from psycopg.pq import Format

R = TypeVar("R")
Row = tuple[Any, ...]
Params = Sequence[Any] | Mapping[str, Any]

NAMED: Final = re.compile(r"%\((\w+)\)s")


def fetch_rows(sql: str, params: Params = ()) -> list[Row]:
    return BoundQuery[Row](sql, params).fetch()


class BoundQuery(Generic[R]):
    """A statement that reads, with its values, and then its rows; empty SQL has none.

    `read` makes something else of the rows of the database.
    """

    def __init__(
        self, sql: str, params: Params = (), read: Callable[[list[Row]], list[R]] | None = None
    ) -> None:
        self.sql, self.params, self.read = sql, params, read
        self.rows: list[R] = []

    def fetch(self) -> list[R]:
        """Run it alone."""
        if self.sql:
            with connection.cursor() as cursor:
                self.send(cursor)
                self.take_rows(cursor)
        return self.rows

    def send(self, cursor: CursorWrapper) -> None:
        # In its text format Django parses timestamps in Python, which takes as long as the query.
        cursor.cursor.format = Format.BINARY
        cursor.execute(self.sql, self.params)

    def take_rows(self, cursor: CursorWrapper) -> None:
        rows = cursor.fetchall()
        self.rows = self.read(rows) if self.read else rows

    @property
    def only_row(self) -> R:
        (row,) = self.rows
        return row


def run_together(*queries: BoundQuery[Any]) -> None:
    """Send the queries at once and wait once; PostgreSQL answers the first ones meanwhile.

    All are sent before the first is answered, so none may depend on another.
    """
    with answered_meanwhile() as send:
        for query in queries:
            send(query)


@contextmanager
def answered_meanwhile() -> Iterator[Callable[[BoundQuery[Any]], None]]:
    """Let a block send queries, and wait for their rows at its end: PostgreSQL answers meanwhile.

    The block has neither their rows nor another use of the database.
    """
    sent: list[tuple[BoundQuery[Any], CursorWrapper]] = []
    with ExitStack() as stack:

        def send(query: BoundQuery[Any]) -> None:
            if query.sql:
                cursor = stack.enter_context(connection.cursor())
                query.send(cursor)
                sent.append((query, cursor))

        with pipeline():
            yield send
        for query, cursor in sent:
            query.take_rows(cursor)


@contextmanager
def pipeline() -> Iterator[None]:
    # An error may show only at its end.
    connection.ensure_connection()
    with connection.wrap_database_errors:
        try:
            with connection.connection.pipeline():
                yield
        except OperationalError as error:
            # Where the server ends the session, psycopg fails once more as it leaves the pipeline.
            if isinstance(error.__context__, Error):
                raise error.__context__ from None
            raise


def positional(sql: str, params: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """Return SQL with parameters by position instead of by name, as `RawSQL` needs it."""
    return NAMED.sub("%s", sql), [params[name] for name in NAMED.findall(sql)]
