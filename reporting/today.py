"""Which day it is where the organization is; read at the edges only."""

from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


def today() -> date:
    return timezone.localdate(timezone=ZoneInfo(settings.REPORTING_TIME_ZONE))
