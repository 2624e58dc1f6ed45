from celery import shared_task
from django.conf import settings
from django.utils import timezone

from people import calendars, mail_files, notices
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


@shared_task(ignore_result=True)
def purge_mail_files() -> None:
    mail_files.purge_mail_files(settings.EMAIL_FILE_PATH, at=timezone.now())
