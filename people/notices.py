"""Notices to our own people: written with the change they tell of, delivered after it."""

import json
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from core.purging import purge
from people.availability import editions_of
from people.calendars import value_of
from people.models import Notice, User

logger = logging.getLogger(__name__)

# A claim is a lease: what a dying worker did not deliver comes up again after it.
LEASE: Final = timedelta(minutes=5)
GIVE_UP_AFTER: Final = timedelta(days=3)
KEPT_FOR: Final = timedelta(days=180)

INSERT: Final = """
    INSERT INTO people_notice
        (recipient_id, kind, subject, body, path, key, is_urgent, created_at, deliver_at)
    SELECT recipient_id, kind, subject, body, path, key, is_urgent, %(at)s, deliver_at
    FROM json_to_recordset(%(rows)s::json) AS draft(
        recipient_id bigint, kind text, subject text, body text, path text, key text,
        is_urgent boolean, deliver_at timestamptz
    )
    ON CONFLICT (key) DO NOTHING
"""


class Draft(NamedTuple):
    """A notice to be; `key` names the occasion and the recipient, so a repeat is dropped."""

    recipient_id: int
    kind: str
    subject: str
    key: str
    body: str = ""
    path: str = ""
    is_urgent: bool = False


def write_notices(drafts: Sequence[Draft], *, at: datetime) -> None:
    """Write notices inside the caller's transaction; nobody inactive gets one."""
    if not drafts:
        return
    editions = editions_of({draft.recipient_id for draft in drafts})
    opening = {edition: value_of(edition).next_open(at) for edition in set(editions.values())}
    rows = [
        draft._asdict()
        | {"deliver_at": at if draft.is_urgent else opening[editions[draft.recipient_id]]}
        for draft in drafts
        if draft.recipient_id in editions
    ]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, {"rows": json.dumps(rows, default=datetime.isoformat), "at": at})


def deliver_notices(*, at: datetime, batch: int = 200) -> int:
    """Send what is due. The lease is committed first, so mail never waits inside a transaction."""
    notices = _claim(at, batch)
    if not notices:
        return 0
    sent = list(_sent(notices))
    Notice.objects.filter(pk__in=sent).update(delivered_at=at)
    return len(sent)


def unread(user: User, *, at: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(recipient=user, read_at=None, deliver_at__lte=at)


def mark_read(user: User, *, at: datetime) -> int:
    return unread(user, at=at).update(read_at=at)


def settle(*, at: datetime, read_before: datetime) -> None:
    """Count what history wrote as delivered, and the older part as read: nobody is mailed it."""
    past = Notice.objects.filter(created_at__lte=at)
    past.filter(delivered_at=None).update(delivered_at=F("deliver_at"))
    past.filter(read_at=None, created_at__lt=read_before).update(read_at=F("created_at"))


def purge_notices(*, at: datetime) -> int:
    """What was delivered and read, both long ago, is gone; what nobody read stays."""
    end = at - KEPT_FOR
    return purge(Notice.objects.filter(delivered_at__lt=end, read_at__lt=end))


@transaction.atomic
def _claim(at: datetime, batch: int) -> list[Notice]:
    due = Notice.objects.filter(
        Q(leased_until=None) | Q(leased_until__lte=at),
        delivered_at=None,
        deliver_at__lte=at,
        deliver_at__gt=at - GIVE_UP_AFTER,
    )
    claimed = list(
        due.select_for_update(skip_locked=True, of=("self",))
        .select_related("recipient")
        .order_by("deliver_at", "pk")[:batch]
    )
    Notice.objects.filter(pk__in=[notice.pk for notice in claimed]).update(leased_until=at + LEASE)
    return claimed


def _sent(notices: Iterable[Notice]) -> Iterable[int]:
    with get_connection() as mail:
        for notice in notices:
            try:
                if notice.recipient.is_active:
                    _message(notice, mail).send()
            except Exception:
                logger.exception("Could not deliver notice %s; it will be tried again", notice.pk)
            else:
                yield notice.pk


def _message(notice: Notice, mail: BaseEmailBackend) -> EmailMessage:
    """A repeat carries the same id, so a mail program may show it once."""
    sender = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(">")
    return EmailMessage(
        notice.subject,
        _text(notice),
        to=[notice.recipient.email],
        headers={"Message-ID": f"<notice-{notice.pk}@{sender}>"},
        connection=mail,
    )


def _text(notice: Notice) -> str:
    link = f"{settings.SITE_URL}{notice.path}" if notice.path else ""
    return "\n\n".join(part for part in (notice.body, link) if part)
