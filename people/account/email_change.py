"""Change the email of an account: confirmed from the new address, reported to the old one.

The link is made when the mail is sent, so no row holds its token.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse

from people.account_mail import PAUSE, YOUR_ACCOUNT
from people.models import EmailChange, Notice, User
from people.notice_groups import mail_path_of
from people.notice_kinds import NoticeDraft, notice_kind
from people.notice_topics import Topic, reads_topics_of
from people.notices import write_notices

CONFIRM: Final = notice_kind(
    "confirm_email", "Confirm your new email", is_urgent=True, topic=YOUR_ACCOUNT
)
REQUESTED: Final = notice_kind(
    "email_change", "Email change requested", is_urgent=True, topic=YOUR_ACCOUNT
)
CHANGED: Final = notice_kind("email_changed", "Email changed", is_urgent=True, topic=YOUR_ACCOUNT)
VALID: Final = timedelta(days=1)
SALT: Final = "people.account.email_change"


@transaction.atomic
def request_email_change(user: User, email: str, *, at: datetime) -> None:
    """Mail a link to the new address, unless it is of another account; tell the old one.

    A repeat within PAUSE sends nothing. Another address replaces the one before and its link.
    """
    User.objects.select_for_update().get(pk=user.pk)
    waiting = pending_change(user, at=at)
    if waiting and waiting.email == email and at - waiting.requested_at < PAUSE:
        return
    cancel_email_change(user)
    change = EmailChange.objects.create(user=user, email=email, requested_at=at)
    drafts = [
        REQUESTED.draft(
            user.pk,
            occasion=change.pk,
            subject="Your email is about to change",
            body=f"Someone asked to use {email} for this account. It changes once that address is "
            "confirmed. If it was not you, cancel it under Your account and change your password.",
            path=reverse("people:account"),
            to_email=user.email,
        )
    ]
    if not is_taken(email):
        drafts.append(
            CONFIRM.draft(
                user.pk,
                occasion=change.pk,
                subject="Confirm your new email",
                body="Open this link and sign in to use this address for your account. It works "
                "once, within a day. If you didn't ask for it, ignore this message.",
                to_email=email,
            )
        )
    write_notices(drafts, at=at)


def cancel_email_change(user: User) -> None:
    EmailChange.objects.filter(user=user).delete()


def pending_change(user: User, *, at: datetime) -> EmailChange | None:
    return EmailChange.objects.filter(user=user, requested_at__gt=at - VALID).first()


def change_of_link(token: str, *, user: User, at: datetime) -> EmailChange | None:
    """Return the change that a link confirms, if it is the latest one of this user."""
    with suppress(signing.BadSignature):
        change = pending_change(user, at=at)
        if change and change.pk == signing.loads(token, salt=SALT):
            return change
    return None


def confirm_email_change(change: EmailChange, *, at: datetime) -> bool:
    """Change the email and tell the old address; return False if it is taken or was changed."""
    try:
        with transaction.atomic():
            user = User.objects.select_for_update().get(pk=change.user_id)
            deleted, _ = EmailChange.objects.filter(pk=change.pk).delete()
            if not deleted or is_taken(change.email):
                return False
            former, user.email = user.email, change.email
            user.save(update_fields=["email"])
            write_notices([_changed(user, former, change)], at=at)
    except IntegrityError:  # Another account took the email at the same moment.
        return False
    return True


def is_taken(email: str) -> bool:
    return User.objects.filter(email__iexact=email).exists()


def _changed(user: User, former: str, change: EmailChange) -> NoticeDraft:
    return CHANGED.draft(
        user.pk,
        occasion=change.pk,
        subject="Your email has changed",
        body=f"You now sign in with {user.email}. If it was not you, tell your administrator.",
        path=reverse("people:account"),
        to_email=former,
    )


@mail_path_of(CONFIRM)
def confirm_path(notice: Notice) -> str:
    return reverse("people:confirm_email", args=[signing.dumps(notice.occasion_id, salt=SALT)])


@reads_topics_of(CONFIRM)
def outdated_links(notices: Collection[Notice], at: datetime) -> dict[int, Topic]:
    """Return the notices whose change was confirmed, canceled or replaced."""
    changes = {notice.pk: notice.occasion_id or 0 for notice in notices}
    pending = set(EmailChange.objects.filter(pk__in=changes.values()).values_list("pk", flat=True))
    return {
        notice_id: Topic(0, "", is_current=False)
        for notice_id, change_id in changes.items()
        if change_id not in pending
    }
