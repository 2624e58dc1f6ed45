"""Count how often reasons of rejections were chosen, and which leads wait because of one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, QuerySet

from core.days import day_of, start_of
from handoff.admin.reason_editor.words import changes_wait, waiting_words
from handoff.models import Handoff, RejectionReason

# As many as the reports count, so that the list behind a number has as many rows.
USE_DAYS: Final = 90


def read_uses(at: datetime) -> Mapping[int, int]:
    """Count by reason the rejected handoffs of the last days, by the day of their offer."""
    return {row["reason"]: row["number"] for row in uses_by_reason(at)}


def uses_by_reason(at: datetime) -> QuerySet[Any, Any]:
    since = start_of(day_of(at) - timedelta(days=USE_DAYS - 1))
    rejected = Handoff.objects.filter(state=Handoff.State.REJECTED, offered_at__gte=since)
    return rejected.values("reason").annotate(number=Count("*")).order_by("reason")


def waiting_for(reason_id: int) -> QuerySet[Handoff]:
    """Return the handoffs after whose rejection the lead waits for a date."""
    later = Handoff.objects.filter(lead=OuterRef("lead"), offered_at__gt=OuterRef("offered_at"))
    handoffs = Handoff.objects.filter(
        state=Handoff.State.REJECTED,
        reason=reason_id,
        lead__wake_on__isnull=False,
        lead__closed_at=None,
    )
    return handoffs.exclude(Exists(later))


def waiting_after_change(old: RejectionReason, new: RejectionReason) -> str:
    """Say what happens to leads that wait, if those rejected later wait for something else."""
    return waiting_words(waiting_for(new.pk).count()) if new.pk and changes_wait(old, new) else ""
