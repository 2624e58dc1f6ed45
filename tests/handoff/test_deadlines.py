from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handoff.clock_kinds import ANSWER
from handoff.sla.deadlines import Deadline
from people.calendars import edition_for
from tests.people.factories import make_calendar

FRIDAY_4PM = datetime(2026, 11, 6, 16, tzinfo=UTC)  # two hours before the office closes
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def office(db: None) -> int:
    return edition_for(make_calendar(), at=FRIDAY_4PM).pk


def deadline(now: datetime, calendar_id: int | None) -> Deadline:
    """Due after three hours of the office, Monday at 10; amber from Monday at 9:30."""
    return Deadline.of(
        ANSWER,
        started_at=FRIDAY_4PM,
        warn_at=datetime(2026, 11, 9, 9, 30, tzinfo=UTC),
        due_at=datetime(2026, 11, 9, 10, tzinfo=UTC),
        calendar_id=calendar_id,
        now=now,
    )


@pytest.mark.parametrize(
    ("now", "left", "state"),
    [
        (FRIDAY_4PM, "3 working h", "on_time"),
        (FRIDAY_4PM + DAY, "1 working h", "on_time"),
        (datetime(2026, 11, 9, 9, 30, tzinfo=UTC), "30 working min", "soon"),
        (datetime(2026, 11, 9, 10, tzinfo=UTC), "0 working min late", "late"),
        (datetime(2026, 11, 10, 10, tzinfo=UTC), "9 working h late", "late"),
    ],
)
def test_only_working_time_counts_as_left_or_late(
    office: int, now: datetime, left: str, state: str
) -> None:
    shown = deadline(now, office)

    assert (shown.left_text.replace("\N{NO-BREAK SPACE}", " "), shown.state) == (left, state)


def test_all_time_counts_without_a_calendar() -> None:
    assert deadline(FRIDAY_4PM, None).left_text.replace("\N{NO-BREAK SPACE}", " ") == "2 d 18 h"


def test_times_are_those_of_the_reader(office: int) -> None:
    shown = deadline(FRIDAY_4PM.astimezone(ZoneInfo("Europe/Berlin")), office)

    assert shown.due_text == "Mon 11:00 AM"
    assert shown.rule.replace("\N{NO-BREAK SPACE}", " ") == (
        "3 working h to answer, from Fri 5:00 PM. Amber from Mon 10:30 AM, red when late."
    )
