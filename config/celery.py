import os
import signal
import sys
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, worker_process_init

from config.versions import NewerDatabase, refuse_newer_database
from config.worker_lifetime import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("handoff")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


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
