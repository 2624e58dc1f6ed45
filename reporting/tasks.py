"""What workers do for the figures; each run can be dropped or repeated."""

import contextlib
import logging

from celery import shared_task
from django.utils import timezone

from reporting import counting

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def follow_log() -> None:
    with contextlib.suppress(counting.StillCounting):
        counting.follow_log(at=timezone.now(), wait=False)


@shared_task(ignore_result=True)
def prove_rollups() -> None:
    for restatement in counting.prove(at=timezone.now()):
        logger.warning("Restated: %s", restatement)
