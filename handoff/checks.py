from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from handoff.tasks import (
    notify_of_suppressed_requests,
    offer_waiting,
    reassign_departed,
    resurface_due_leads,
    sweep_clocks,
)
from people.tasks import deliver_notices

BEATS = {
    "handoff.E001": (sweep_clocks, "the SLA sweep"),
    "handoff.E002": (reassign_departed, "the reassignment of leads of users who left"),
    "handoff.E003": (resurface_due_leads, "the job that resurfaces leads"),
    "handoff.E004": (offer_waiting, "the job that offers waiting leads"),
    "handoff.E005": (notify_of_suppressed_requests, "the notices of suppressed contacts who ask"),
    "people.E001": (deliver_notices, "notices"),
}


@register()
def periodic_tasks_are_scheduled(**kwargs: Any) -> list[CheckMessage]:
    """Error if a task that users rely on is missing from the beat schedule."""
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    return [
        Error(f"No beat entry runs {name}.", id=code)
        for code, (task, name) in BEATS.items()
        if task.name not in scheduled
    ]
