"""The sessions of a user: listed, and ended one by one or all but the one in use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from people.devices import device_text
from people.models import Session, User
from people.requests import signed_in
from people.sessions import SEEN_EVERY, SessionStore, end_sessions

ALL_OTHERS: Final = "others"


@dataclass(frozen=True)
class ListedSession:
    key: str
    device: str
    signed_in_at: datetime | None
    seen_at: datetime
    is_recent: bool
    is_here: bool

    @property
    def code(self) -> str:
        """Return what a form names the session by: whoever reads its key is signed in."""
        return salted_hmac(__name__, self.key).hexdigest()


def sessions_of(user: User, *, here: str | None, at: datetime) -> list[ListedSession]:
    """Return the sessions that still work: the one in use, then the latest seen first."""
    rows = Session.objects.filter(user=user, expire_date__gt=at).order_by("-seen_at", "pk")
    listed = [
        _listed(row, data, here, at)
        for row in rows
        if has_password_of(user, data := SessionStore().decode(row.session_data))
    ]
    return sorted(listed, key=lambda session: not session.is_here)


def has_password_of(user: User, data: dict[str, Any]) -> bool:
    """Return False for a session that a change of the password ended."""
    return constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())


def _listed(row: Session, data: dict[str, Any], here: str | None, at: datetime) -> ListedSession:
    signed_in_at = data.get("signed_in_at")
    return ListedSession(
        key=row.session_key,
        device=device_text(data.get("user_agent", "")),
        signed_in_at=datetime.fromisoformat(signed_in_at) if signed_in_at else None,
        seen_at=row.seen_at.replace(minute=0, second=0),
        is_recent=at - row.seen_at <= SEEN_EVERY,
        is_here=row.session_key == here,
    )


class EndSessionsForm(forms.Form):
    session = forms.ChoiceField(
        error_messages={"invalid_choice": "That session has ended already."}
    )

    def __init__(self, request: HttpRequest, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        here = request.session.session_key
        self.sessions = sessions_of(signed_in(request), here=here, at=timezone.now())
        self.others = [session for session in self.sessions if not session.is_here]
        field: Any = self.fields["session"]
        field.choices = [(session.code, session.device) for session in self.others]
        field.choices += [(ALL_OTHERS, "All other sessions")]

    def save(self) -> None:
        chosen = self.cleaned_data["session"]
        end_sessions([item.key for item in self.others if chosen in {item.code, ALL_OTHERS}])
