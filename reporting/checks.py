from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def days_begin_in_a_real_zone(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    zone = settings.REPORTING_TIME_ZONE
    if zone in available_timezones():
        return []
    return [
        Error(
            f"REPORTING_TIME_ZONE “{zone}” is not a time zone such as Europe/Berlin.",
            id="reporting.E001",
        )
    ]
