"""The registry of notice kinds. The app that sends a kind registers it beside its texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple


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
class NoticeKind:
    """A kind of notice; `many` is the subject of a message that joins several, with `{count}`."""

    code: str
    label: str
    is_urgent: bool = False
    many: str = "{count} notices"

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


def notice_kind(
    code: str,
    label: str,
    *,
    is_urgent: bool = False,
    many: str = "{count} notices",
) -> NoticeKind:
    """Register a kind; urgent notices are delivered outside working hours, too."""
    if code in NOTICE_KINDS:
        raise ValueError(f"There already is a notice kind {code}.")
    NOTICE_KINDS[code] = kind = NoticeKind(code, label, is_urgent, many)
    return kind
