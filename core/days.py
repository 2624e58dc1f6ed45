"""Days begin in the time zone of the reports, for everyone and everywhere."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings


def reporting_zone() -> ZoneInfo:
    return ZoneInfo(settings.REPORTING_TIME_ZONE)


def day_of(at: datetime) -> date:
    return at.astimezone(reporting_zone()).date()


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=reporting_zone())
