import os
import signal
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from config.worker_lifetime import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("handoff")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def stop_with_the_worker(**kwargs: Any) -> None:
    """Stop child processes when the worker is killed; the broker redelivers their tasks."""
    die_with_parent(signal.SIGKILL)
