"""Mail that lets a person choose a password: after they forgot it, or when they are invited.

The link is made when the mail is sent, so no row holds its token. It works once, until the
password changes or the person signs in.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from core.cache_server import ask_cache
from people.emails import one_spelling
from people.models import Notice, User
from people.notice_groups import mail_path_of
from people.notice_kinds import NoticeKind, mail_topic, notice_kind
from people.notices import write_notices

YOUR_ACCOUNT: Final = mail_topic(
    "account",
    "Your account",
    "Links to choose a password or confirm an email, and changes of your email.",
    always="Always mailed, because you may need them when you can't sign in.",
)
RESET: Final = notice_kind("password_reset", "Password reset", is_urgent=True, topic=YOUR_ACCOUNT)
INVITED: Final = notice_kind("invited", "Invitation", is_urgent=True, topic=YOUR_ACCOUNT)
# A person gets one such mail in this time, and a client may ask for so many.
PAUSE: Final = timedelta(minutes=15)
MAX_REQUESTS: Final = 20
VALID_DAYS: Final = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT).days


def request_reset(email: str, *, at: datetime) -> None:
    """Mail a link to the account with this email, if there is one that is active."""
    user = User.objects.filter(email__iexact=one_spelling(email), is_active=True).first()
    if user is not None:
        _write(
            RESET,
            user,
            "Choose a new password",
            "Someone asked for a new password for this account. The link works once, within "
            f"{VALID_DAYS} days. If it was not you, ignore this message: your password stays.",
            at=at,
        )


def invite(user: User, *, by: User, at: datetime) -> bool:
    """Mail an invitation; return whether it is a new one, not a repeat within PAUSE."""
    return _write(
        INVITED,
        user,
        f"{by.name} invites you to Handoff",
        "Choose a password with this link, then sign in with your email. The link works once, "
        f"within {VALID_DAYS} days.",
        at=at,
    )


def may_request_mail(client: str) -> bool:
    """Count a request of a client; return False if it made too many. Without a cache, it may."""
    return (ask_cache(_count, f"mail-requests:{client}") or 0) <= MAX_REQUESTS


def _count(key: str) -> int:
    cache.add(key, 0, PAUSE.total_seconds())
    try:
        return int(cache.incr(key))
    except ValueError:  # It ended between the two.
        return _count(key)


def _write(kind: NoticeKind, user: User, subject: str, body: str, *, at: datetime) -> bool:
    occasion = int(at.timestamp() // PAUSE.total_seconds())
    draft = kind.draft(user.pk, occasion=occasion, subject=subject[:200], body=body)
    is_repeat = Notice.objects.filter(key=draft.key).exists()
    write_notices([draft], at=at)
    return not is_repeat


@mail_path_of(RESET)
@mail_path_of(INVITED)
def password_path(notice: Notice) -> str:
    user = notice.recipient
    number = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return reverse("people:choose_password", args=[number, token])
