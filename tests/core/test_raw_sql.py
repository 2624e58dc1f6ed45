from datetime import UTC, timedelta

import pytest

from core.raw_sql import fetch_rows
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db


def test_fetched_values_equal_the_stored_ones() -> None:
    at = MONDAY_9AM + timedelta(microseconds=157231)

    ((fetched, number, text, nothing),) = fetch_rows(
        "SELECT %s::timestamptz, %s::bigint, %s::text, NULL", [at, 2**40, "Łukasik"]
    )

    assert (fetched, number, text, nothing) == (at, 2**40, "Łukasik", None)
    assert fetched.tzinfo is UTC
