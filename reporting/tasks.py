"""Celery tasks that keep the figures current; each run can be dropped or repeated."""

import contextlib
import logging

from celery import shared_task
from django.utils import timezone

from reporting.rollups import prove, refresh

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def follow_log() -> None:
    with contextlib.suppress(refresh.RefreshInProgress):
        refresh.follow_log(at=timezone.now(), wait=False)


@shared_task(ignore_result=True)
def prove_rollups() -> None:
    for restatement in prove.prove(at=timezone.now()):
        logger.warning("Restated: %s", restatement)
