from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from core.local_time import LocalDateTimeField, LocalSplitDateTimeField


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        ("Europe/Berlin", "2026-11-02T09:30", datetime(2026, 11, 2, 8, 30, tzinfo=UTC)),
        ("Europe/Berlin", "2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("America/New_York", "2026-11-01T01:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        ("Europe/Berlin", "2026-10-25T02:30+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ],
)
def test_doubled_time_is_the_earlier_one(zone: str, local: str, expected: datetime) -> None:
    with timezone.override(zone):
        assert LocalDateTimeField().clean(local) == expected


def test_doubled_time_in_two_fields_is_the_earlier_one() -> None:
    with timezone.override("Europe/Berlin"):
        at = LocalSplitDateTimeField().clean(["2026-10-25", "02:30"])

    assert at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (LocalDateTimeField(), "2027-03-28T02:30"),
        (LocalSplitDateTimeField(), ["2027-03-28", "02:30"]),
    ],
)
def test_skipped_time_is_explained(field: LocalDateTimeField, value: object) -> None:
    with timezone.override("Europe/Berlin"), pytest.raises(ValidationError) as refusal:
        field.clean(value)

    assert refusal.value.messages == [
        "2:30 AM does not exist on Mar 28, 2027 in the time zone Europe/Berlin, because the "
        "clocks go forward. Enter an earlier or a later time."
    ]
