"""Celery tasks that keep the figures current; each run can be dropped or repeated."""

import contextlib
import logging
from datetime import timedelta
from typing import Final

from celery import shared_task
from django.utils import timezone

from reporting.rollups import prove, refresh

logger = logging.getLogger(__name__)

# Well below CELERY_TASK_TIME_LIMIT.
PROVING: Final = timedelta(minutes=3)


@shared_task(ignore_result=True)
def follow_log() -> None:
    with contextlib.suppress(refresh.RefreshInProgress):
        refresh.follow_log(at=timezone.now(), wait=False)


@shared_task(ignore_result=True)
def prove_rollups() -> None:
    """Prove for some minutes; what is left is for the next run."""
    started_at = timezone.now()
    if prove.is_due(started_at):
        prove.begin(at=started_at)
    while prove.is_unfinished() and timezone.now() - started_at < PROVING:
        for restatement in prove.prove_slice(at=timezone.now()):
            logger.warning("Restated: %s", restatement)
