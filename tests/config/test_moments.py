from datetime import UTC, datetime

import pytest
from django.db import DataError, connection

from config.moments import UtcLoader

pytestmark = pytest.mark.django_db


def read(text: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [text])
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-29 02:30:00.123456+02", datetime(2026, 3, 29, 0, 30, 0, 123456, UTC)),
        ("2026-03-29 02:30:00.12+00", datetime(2026, 3, 29, 2, 30, 0, 120000, UTC)),
        ("1890-01-01 00:00:00+00", datetime(1890, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_moment_comes_out_as_it_went_in_and_in_utc(text: str, moment: datetime) -> None:
    found = read(text)

    assert found == moment
    assert isinstance(found, datetime)
    assert found.tzinfo is UTC


@pytest.mark.parametrize("text", ["infinity", "0044-03-15 00:00+00 BC"])
def test_a_moment_that_has_no_value_here_is_refused_by_the_driver(text: str) -> None:
    with pytest.raises(DataError):
        read(text)


def test_connections_read_moments_this_way() -> None:
    connection.ensure_connection()

    assert connection.connection.adapters.get_loader(1184, 0) is UtcLoader
