"""The registry of notice kinds. The app that sends a kind registers it beside its texts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, NamedTuple

from core.permissions import Right


class NoticeDraft(NamedTuple):
    """A notice to write; a second one with the same `key` is dropped."""

    recipient_id: int
    kind: str
    subject: str
    key: str
    body: str = ""
    path: str = ""
    is_urgent: bool = False
    to_email: str = ""


@dataclass(frozen=True)
class MailTopic:
    """Kinds of notices that a person gets by mail or not, if one of the rights lets them get any.

    `always` is the reason why they cannot be switched off.
    """

    code: str
    label: str
    help: str
    rights: frozenset[Right] = frozenset()  # none: every user
    always: str = ""
    has_digest: bool = False


@dataclass(frozen=True)
class NoticeKind:
    """A kind of notice; `many` is the subject of a message that joins several, with `{count}`."""

    code: str
    label: str
    is_urgent: bool = False
    many: str = "{count} notices"
    topic: MailTopic | None = None  # None: always by mail

    def draft(
        self,
        recipient_id: int,
        *,
        occasion: int | str,
        subject: str,
        body: str = "",
        path: str = "",
        is_urgent: bool | None = None,
        to_email: str = "",
    ) -> NoticeDraft:
        """Draft a notice that each recipient gets once per occasion, such as a handoff."""
        return NoticeDraft(
            recipient_id,
            self.code,
            subject,
            key=f"{self.code}:{occasion}:{recipient_id}",
            body=body,
            path=path,
            is_urgent=self.is_urgent if is_urgent is None else is_urgent,
            to_email=to_email,
        )


NOTICE_KINDS: Final[dict[str, NoticeKind]] = {}
MAIL_TOPICS: Final[dict[str, MailTopic]] = {}


def mail_topic(
    code: str,
    label: str,
    text: str,
    *rights: Right,
    always: str = "",
    has_digest: bool = False,
) -> MailTopic:
    """Register a topic; the account page lists them in this order."""
    if code in MAIL_TOPICS:
        raise ValueError(f"There already is a mail topic {code}.")
    topic = MailTopic(code, label, text, frozenset(rights), always, has_digest)
    MAIL_TOPICS[code] = topic
    return topic


def is_mailed(kind: str, *, unmailed_topics: Collection[str]) -> bool:
    """Return whether a notice of this kind is mailed to a person who chose these topics."""
    topic = NOTICE_KINDS[kind].topic if kind in NOTICE_KINDS else None
    return topic is None or bool(topic.always) or topic.code not in unmailed_topics


def notice_kind(
    code: str,
    label: str,
    *,
    is_urgent: bool = False,
    many: str = "{count} notices",
    topic: MailTopic | None = None,
) -> NoticeKind:
    """Register a kind; urgent notices are delivered outside working hours, too."""
    if code in NOTICE_KINDS:
        raise ValueError(f"There already is a notice kind {code}.")
    NOTICE_KINDS[code] = kind = NoticeKind(code, label, is_urgent, many, topic)
    return kind
