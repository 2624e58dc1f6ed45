"""Count the SLA timers that run in the hours of a calendar, for the page of the calendar."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count, F

from handoff.models import SlaClock
from people.calendar_timers import counts_timers


@counts_timers
def running_clocks_by_calendar(calendar_ids: Collection[int]) -> dict[int, int]:
    running = SlaClock.objects.filter(stopped_at=None, calendar__calendar__in=calendar_ids)
    by_calendar = running.values(calendar_of=F("calendar__calendar")).annotate(count=Count("pk"))
    return dict(by_calendar.order_by("calendar_of").values_list("calendar_of", "count"))
