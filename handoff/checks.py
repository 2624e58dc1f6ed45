from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

BEATS = {
    "handoff.E001": ("handoff.tasks.sweep_clocks", "the SLA sweep"),
    "handoff.E002": (
        "handoff.tasks.reassign_departed",
        "the reassignment of leads of users who left",
    ),
    "handoff.E003": ("handoff.tasks.resurface_due_leads", "the job that resurfaces leads"),
    "handoff.E004": ("handoff.tasks.offer_waiting", "the job that offers waiting leads"),
    "handoff.E005": (
        "handoff.tasks.notify_of_suppressed_requests",
        "the notices of suppressed contacts who ask",
    ),
    "people.E001": ("people.tasks.deliver_notices", "notices"),
}


@register()
def periodic_tasks_are_scheduled(**kwargs: Any) -> list[CheckMessage]:
    """Error if a task that users rely on is missing from the beat schedule."""
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    return [
        Error(f"No beat entry runs {name}.", id=code)
        for code, (task, name) in BEATS.items()
        if task not in scheduled
    ]
