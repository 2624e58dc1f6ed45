from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from handoff.tasks import sweep_clocks
from people.tasks import deliver_notices

BEATS = {
    "handoff.E001": (sweep_clocks, "the SLA sweep"),
    "people.E001": (deliver_notices, "notices"),
}


@register()
def what_runs_on_a_clock_is_scheduled(**kwargs: Any) -> list[CheckMessage]:
    """Without these nothing fails by day, and nothing happens at night."""
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    return [
        Error(f"No beat entry runs {what}.", id=code)
        for code, (task, what) in BEATS.items()
        if task.name not in scheduled
    ]
