from celery import shared_task
from django.utils import timezone

from people import calendars, notices
from people.sessions import SessionStore

BATCH = 200


@shared_task(ignore_result=True)
def deliver_notices() -> None:
    while notices.deliver_notices(at=timezone.now(), batch=BATCH) >= BATCH:
        pass


@shared_task(ignore_result=True)
def refresh_calendars() -> None:
    calendars.refresh_editions(at=timezone.now())


@shared_task(ignore_result=True)
def purge_notices() -> None:
    notices.purge_notices(at=timezone.now())


@shared_task(ignore_result=True)
def purge_sessions() -> None:
    SessionStore.clear_expired()
