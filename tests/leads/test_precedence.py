from datetime import timedelta

import pytest

from leads.precedence import Origin, origin_of, replaces
from tests.people.factories import MONDAY_9AM

LATER = MONDAY_9AM + timedelta(days=1)


@pytest.mark.parametrize(
    ("field", "new", "present", "is_replaced"),
    [
        ("title", Origin(LATER), Origin(MONDAY_9AM), True),
        ("title", Origin(MONDAY_9AM), Origin(MONDAY_9AM), True),
        ("title", Origin(MONDAY_9AM), Origin(LATER), False),
        ("title", Origin(LATER), Origin(MONDAY_9AM, edited_by=1), False),
        ("title", Origin(MONDAY_9AM, edited_by=1), Origin(LATER), True),
        ("title", Origin(LATER, edited_by=2), Origin(MONDAY_9AM, edited_by=1), True),
        ("consent", Origin(LATER), Origin(MONDAY_9AM, edited_by=1), True),
        ("consent", Origin(MONDAY_9AM), Origin(LATER), False),
    ],
)
def test_edit_then_latest_statement_counts(
    field: str, new: Origin, present: Origin, is_replaced: bool
) -> None:
    assert replaces(field, new, present) is is_replaced


def test_origin_is_stored_and_read_back() -> None:
    origin = Origin(LATER, edited_by=7)
    stored = {"title": origin.to_json()}

    assert origin_of("title", stored, default_at=MONDAY_9AM) == origin
    assert origin_of("phone", stored, default_at=MONDAY_9AM) == Origin(MONDAY_9AM)
