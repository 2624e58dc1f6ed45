"""The page of a calendar says how many timers run in its hours."""

from datetime import timedelta

import pytest

from handoff.models import SlaClock
from people.calendar_timers import running_timers
from people.models import WorkCalendar
from tests.factories import make_handoff
from tests.people.factories import MONDAY_9AM, make_calendar

pytestmark = pytest.mark.django_db


def test_running_timers_are_counted_by_calendar() -> None:
    handoffs = [make_handoff(at=MONDAY_9AM + timedelta(hours=hour)) for hour in range(3)]
    stopped = SlaClock.objects.filter(handoff=handoffs[0])
    stopped.update(stopped_at=MONDAY_9AM + timedelta(hours=1))
    make_calendar()
    ids = list(WorkCalendar.objects.values_list("pk", flat=True))

    counted = running_timers(ids)

    recount = dict.fromkeys(ids, 0)
    for clock in SlaClock.objects.filter(calendar__isnull=False, stopped_at=None):
        assert clock.calendar
        recount[clock.calendar.calendar_id] += 1
    assert sum(recount.values()) > 0
    assert {pk: counted[pk] for pk in ids} == recount


def test_timers_of_other_calendars_are_left_out() -> None:
    make_handoff(at=MONDAY_9AM)

    assert running_timers([make_calendar().pk]) == {}
