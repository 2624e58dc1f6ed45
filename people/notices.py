"""Notices to users: written in the transaction they report on, delivered after it."""

import logging
import time
from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet, Value, Window
from django.db.models.functions import Coalesce, RowNumber

from core.purging import purge
from core.unit_of_work import Row, insert_ignoring_conflicts
from people.availability import editions_of
from people.calendars import value_of
from people.models import Notice, User
from people.notice_groups import GROUPED_BY, NoticeGroup, groups_of
from people.notice_kinds import NoticeDraft

logger = logging.getLogger(__name__)

# A claim is a lease: another worker delivers what a killed worker did not.
LEASE: Final = timedelta(minutes=5)
GIVE_UP_AFTER: Final = timedelta(days=3)
# A run with what one mail may take at worst is shorter than the lease.
MAX_SECONDS: Final = 60
# After so many failures in a row, the rest waits for the next run.
MAX_FAILURES: Final = 3
RETENTION: Final = timedelta(days=180)
# The page reads at most so many notices: of one message, and in all.
MAX_OF_GROUP: Final = 500
MAX_RECENT: Final = 1000
# Unread messages are counted so far.
MAX_UNREAD: Final = 99


def write_notices(
    drafts: Collection[NoticeDraft], *, at: datetime, hold: timedelta = timedelta()
) -> None:
    """Write notices in the caller's transaction, skipping repeats and inactive recipients.

    They are held back for as long as what they report may be undone.
    """
    if not drafts:
        return
    editions = editions_of({draft.recipient_id for draft in drafts})
    rows = [
        notice_row(draft, edition_id=editions[draft.recipient_id], at=at, hold=hold)
        for draft in drafts
        if draft.recipient_id in editions
    ]
    insert_ignoring_conflicts(Notice, rows)


def notice_row(
    draft: NoticeDraft, *, edition_id: int | None, at: datetime, hold: timedelta = timedelta()
) -> Row:
    """Return a notice due at the recipient's next opening, or now if it is urgent."""
    free_at = at + hold
    deliver_at = free_at if draft.is_urgent else value_of(edition_id).next_open(free_at)
    return {**draft._asdict(), "created_at": at, "deliver_at": deliver_at}


def deliver_notices(*, at: datetime, batch: int = 200, seconds: float = MAX_SECONDS) -> int:
    """Send what is due and still true; return how many notices need no further try.

    It takes at most `seconds`, and no transaction waits for mail.
    """
    groups = groups_of(_claim(at, batch), at=at)
    outdated = [notice.pk for group in groups for notice in group.outdated]
    _mark_outdated(outdated, at)
    waiting = deque(group for group in groups if group.current)
    sent = failed = 0
    stop = time.monotonic() + seconds
    with _mail_connection() as mail:
        while waiting and failed < MAX_FAILURES and time.monotonic() < stop:
            group = waiting.popleft()
            if _send(group, mail):
                # Marked before the next one is sent, so that whatever happens sends it only once.
                sent += _of(group).update(delivered_at=at)
                failed = 0
            else:
                failed += 1
    for group in waiting:  # The next run tries them.
        _of(group).update(leased_until=None)
    return len(outdated) + sent


def _mark_outdated(notice_ids: Collection[int], at: datetime) -> None:
    if notice_ids:
        Notice.objects.filter(pk__in=notice_ids).update(
            delivered_at=at, read_at=Coalesce("read_at", Value(at))
        )


def revive(notices: QuerySet[Notice], *, since: datetime) -> None:
    """Let notices be sent after all that were found outdated since then, not read by a person."""
    outdated = notices.filter(delivered_at__gte=since, read_at=F("delivered_at"))
    outdated.update(delivered_at=None, read_at=None, leased_until=None)


def _of(group: NoticeGroup) -> QuerySet[Notice]:
    return Notice.objects.filter(pk__in=[notice.pk for notice in group.current])


def unread(user: User, *, at: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(recipient=user, read_at=None, deliver_at__lte=at)


def count_unread(user: User, *, at: datetime) -> int:
    """Count messages, as the sign-in does with every request, up to one more than MAX_UNREAD."""
    groups = unread(user, at=at).values("deliver_at", "kind", "is_urgent")
    return groups.distinct()[: MAX_UNREAD + 1].count()


def mark_read(user: User, *, at: datetime, path: str = "") -> int:
    """Mark notices that are due as read: all of them, or those that link into a page."""
    notices = unread(user, at=at)
    on_page = Q(path=path) | Q(path__startswith=f"{path}#")
    return (notices.filter(on_page) if path else notices).update(read_at=at)


def recent_groups(user: User, *, at: datetime) -> list[NoticeGroup]:
    """Return the messages of a user, the newest first."""
    place = Window(
        RowNumber(), partition_by=[F("kind"), F("is_urgent"), F("deliver_at")], order_by="pk"
    )
    mine = Notice.objects.filter(recipient=user, deliver_at__lte=at).annotate(place=place)
    first = mine.filter(place__lte=MAX_OF_GROUP)
    newest = first.order_by("-deliver_at", "kind", "is_urgent", "-pk")[:MAX_RECENT]
    return groups_of(newest, at=at)


def mark_past_notices_delivered(*, at: datetime, read_before: datetime) -> None:
    """Keep notices of generated or imported history from being emailed; mark old ones read."""
    past = Notice.objects.filter(created_at__lte=at)
    past.filter(delivered_at=None).update(delivered_at=F("deliver_at"))
    past.filter(read_at=None, created_at__lt=read_before).update(read_at=F("created_at"))


def purge_notices(*, at: datetime) -> int:
    """Delete notices delivered and read long ago; unread ones stay."""
    end = at - RETENTION
    return purge(Notice.objects.filter(delivered_at__lt=end, read_at__lt=end))


def oldest_due(*, at: datetime) -> datetime | None:
    """Return since when the notice that waits longest for its mail is due."""
    due = _due(at).filter(recipient__is_active=True).order_by("deliver_at")
    return due.values_list("deliver_at", flat=True).first()


def _due(at: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(
        delivered_at=None, deliver_at__lte=at, deliver_at__gt=at - GIVE_UP_AFTER
    )


@transaction.atomic
def _claim(at: datetime, batch: int) -> list[Notice]:
    """Lease due notices, together with those that belong into the same message as the last."""
    # One claim at a time, so that no other worker takes a part of the same message.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('people.notices'))")
    free = _due(at).filter(Q(leased_until=None) | Q(leased_until__lte=at))
    in_order = (
        free.select_for_update(skip_locked=True, of=("self",))
        .select_related("recipient")
        .order_by("deliver_at", *GROUPED_BY, "pk")
    )
    claimed = list(in_order[:batch])
    if len(claimed) == batch:
        same = {name: getattr(claimed[-1], name) for name in ("deliver_at", *GROUPED_BY)}
        claimed += in_order.filter(**same, pk__gt=claimed[-1].pk)
    Notice.objects.filter(pk__in=[notice.pk for notice in claimed]).update(leased_until=at + LEASE)
    return claimed


@contextmanager
def _mail_connection() -> Iterator[BaseEmailBackend]:
    """Yield a connection that opens at the first mail; closing it never fails."""
    mail = get_connection()
    try:
        yield mail
    finally:
        _close(mail)


def _close(mail: BaseEmailBackend) -> None:
    with suppress(OSError):
        mail.close()


def _send(group: NoticeGroup, mail: BaseEmailBackend) -> bool:
    """Return whether the message needs no further try."""
    try:
        if group.recipient.is_active and group.is_mailed:
            mail.open()
            _message(group, mail).send()
    except Exception:
        logger.exception("Could not deliver notice %s; it will be retried", group.first_id)
        # The server may have dropped the connection, which would fail every later mail.
        _close(mail)
        return False
    return True


def _message(group: NoticeGroup, mail: BaseEmailBackend) -> EmailMessage:
    """Build an email whose id stays the same on a repeat, so mail programs can drop it."""
    sender = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(">")
    return EmailMessage(
        group.subject,
        group.text(settings.SITE_URL),
        to=[group.email],
        headers={"Message-ID": f"<notice-{group.first_id}@{sender}>"},
        connection=mail,
    )
