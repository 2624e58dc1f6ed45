"""What workers do for the figures; each run can be dropped or repeated."""

import contextlib
import logging

from celery import shared_task
from django.utils import timezone

from reporting.rollups import refresh

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def follow_log() -> None:
    with contextlib.suppress(refresh.StillCounting):
        refresh.follow_log(at=timezone.now(), wait=False)


@shared_task(ignore_result=True)
def prove_rollups() -> None:
    for restatement in refresh.prove(at=timezone.now()):
        logger.warning("Restated: %s", restatement)
