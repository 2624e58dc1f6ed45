"""Notices to users: written in the transaction they report on, delivered after it."""

import logging
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Q, QuerySet

from core.purging import purge
from core.unit_of_work import Row, insert_ignoring_conflicts
from people.availability import editions_of
from people.calendars import value_of
from people.models import Notice, User
from people.notice_kinds import NoticeDraft

logger = logging.getLogger(__name__)

# A claim is a lease: another worker delivers what a killed worker did not.
LEASE: Final = timedelta(minutes=5)
GIVE_UP_AFTER: Final = timedelta(days=3)
RETENTION: Final = timedelta(days=180)

# The name that callers used before kinds were registered.
Draft = NoticeDraft


def write_notices(drafts: Collection[NoticeDraft], *, at: datetime) -> None:
    """Write notices in the caller's transaction, skipping repeats and inactive recipients."""
    if not drafts:
        return
    editions = editions_of({draft.recipient_id for draft in drafts})
    rows = [
        notice_row(draft, edition_id=editions[draft.recipient_id], at=at)
        for draft in drafts
        if draft.recipient_id in editions
    ]
    insert_ignoring_conflicts(Notice, rows)


def notice_row(draft: NoticeDraft, *, edition_id: int | None, at: datetime) -> Row:
    """Return a notice due at the recipient's next opening, or now if it is urgent."""
    deliver_at = at if draft.is_urgent else value_of(edition_id).next_open(at)
    return {**draft._asdict(), "created_at": at, "deliver_at": deliver_at}


def deliver_notices(*, at: datetime, batch: int = 200) -> int:
    """Send what is due; the lease is committed first, so no transaction waits for mail."""
    notices = _claim(at, batch)
    if not notices:
        return 0
    sent = list(_send(notices))
    Notice.objects.filter(pk__in=sent).update(delivered_at=at)
    return len(sent)


def unread(user: User, *, at: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(recipient=user, read_at=None, deliver_at__lte=at)


def mark_read(user: User, *, at: datetime) -> int:
    return unread(user, at=at).update(read_at=at)


def mark_past_notices_delivered(*, at: datetime, read_before: datetime) -> None:
    """Keep notices of generated or imported history from being emailed; mark old ones read."""
    past = Notice.objects.filter(created_at__lte=at)
    past.filter(delivered_at=None).update(delivered_at=F("deliver_at"))
    past.filter(read_at=None, created_at__lt=read_before).update(read_at=F("created_at"))


def purge_notices(*, at: datetime) -> int:
    """Delete notices delivered and read long ago; unread ones stay."""
    end = at - RETENTION
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


def _send(notices: Iterable[Notice]) -> Iterator[int]:
    """Yield the id of each notice that needs no further try."""
    with get_connection() as mail:
        for notice in notices:
            try:
                if notice.recipient.is_active:
                    _message(notice, mail).send()
            except Exception:
                logger.exception("Could not deliver notice %s; it will be retried", notice.pk)
            else:
                yield notice.pk


def _message(notice: Notice, mail: BaseEmailBackend) -> EmailMessage:
    """Build an email whose id stays the same on a repeat, so mail programs can drop it."""
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
