from celery import shared_task
from django.utils import timezone

from api import idempotency


@shared_task(ignore_result=True)
def purge_answers() -> None:
    idempotency.purge_answers(at=timezone.now())
