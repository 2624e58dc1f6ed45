"""Count the SQL statements of a path, without the savepoints of the test's own transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

SAVEPOINTS = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


@contextmanager
def exactly_statements(number: int) -> Iterator[None]:
    with CaptureQueriesContext(connection) as captured:
        yield
    sent = [query["sql"] for query in captured if not query["sql"].startswith(SAVEPOINTS)]
    listing = "\n".join(f"{place}. {sql[:200]}" for place, sql in enumerate(sent, 1))
    assert len(sent) == number, f"{len(sent)} statements instead of {number}:\n{listing}"
