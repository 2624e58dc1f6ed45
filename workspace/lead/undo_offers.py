"""Offer to undo an answer in the message that confirms it.

The offer travels in the tags of the message, so that it costs the next page no statement.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.contrib.messages.storage.base import Message
from django.urls import reverse
from django.utils import timezone

from handoff.answers.undo import undo_until

MARK: Final = "undo"


@dataclass(frozen=True)
class UndoOffer:
    """`until` is when the answer can no longer be undone."""

    handoff_id: int
    until: datetime

    @property
    def href(self) -> str:
        return reverse("workspace:undo_answer", args=[self.handoff_id])

    def seconds_left(self, at: datetime) -> int:
        return max(0, int((self.until - at).total_seconds()))


def undo_tags(handoff_id: int, *, answered_at: datetime) -> str:
    """Return the tags of the message that confirms an answer."""
    return f"{MARK}:{handoff_id}:{undo_until(answered_at).timestamp()}"


def undo_offer(message: Message, at: datetime | None = None) -> UndoOffer | None:
    """Return the offer of a message, or None if there is none or its time is over."""
    mark, _, rest = (message.extra_tags or "").partition(":")
    if mark != MARK:
        return None
    handoff_id, _, until = rest.partition(":")
    offer = UndoOffer(int(handoff_id), datetime.fromtimestamp(float(until), UTC))
    return offer if offer.seconds_left(at or timezone.now()) else None
