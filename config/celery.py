import os
import signal
import sys
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, celeryd_init, worker_process_init
from django.conf import settings

from config.versions import NewerDatabase, refuse_newer_database
from config.worker_lifetime import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("handoff")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def timing(entry: dict[str, Any]) -> Any:
    schedule = entry["schedule"]
    return crontab(**schedule) if isinstance(schedule, dict) else schedule


app.conf.beat_schedule = {
    name: {**entry, "schedule": timing(entry)}
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items()
}


@worker_process_init.connect
def stop_with_the_worker(**kwargs: Any) -> None:
    """Stop child processes when the worker is killed; the broker redelivers their tasks."""
    die_with_parent(signal.SIGKILL)


@celeryd_init.connect
@beat_init.connect
def stop_on_a_newer_database(**kwargs: Any) -> None:
    try:
        refuse_newer_database()
    except NewerDatabase as error:
        sys.exit(str(error))
