"""Word the notices about clocks; nothing about the prospect leaves the lead's page."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from core.formatting import date_time_text
from handoff.clock_kinds import CLOCK_KINDS
from handoff.escalation.plan import Destination
from handoff.models import SlaClock
from handoff.notice_kinds import CLOCK_BREACHED, CLOCK_WARNED, OFFERED
from handoff.sla.policy import policy_of
from people.calendars import value_of
from people.notice_kinds import NoticeDraft, NoticeKind


def warned(clock: SlaClock, cover_id: int | None) -> Iterator[NoticeDraft]:
    """Notify the owner, or while away the cover."""
    recipient_id = cover_id or clock.handoff.owner_id
    if recipient_id is not None:
        yield _draft(
            clock,
            CLOCK_WARNED,
            recipient_id,
            _worded(CLOCK_KINDS[clock.kind].warned_subject, clock),
            "Most of the SLA time has passed.",
        )


def breached(
    clock: SlaClock, manager_id: int | None, cover_id: int | None
) -> Iterator[NoticeDraft]:
    """Notify the owner, the cover and the manager, who may be the same person."""
    subject = _worded(CLOCK_KINDS[clock.kind].breached_subject, clock)
    body = f"It was due {_when(clock)}."
    for recipient_id in {clock.handoff.owner_id, manager_id, cover_id}:
        if recipient_id is not None:
            yield _draft(clock, CLOCK_BREACHED, recipient_id, subject, body)


def reassigned(clock: SlaClock, handoff_id: int, to: Destination) -> Iterator[NoticeDraft]:
    """Notify the new owner, or the manager of the queue it went to."""
    recipient_id = to.owner_id or to.manager_id
    if recipient_id is not None:
        where = "to you" if to.owner_id else "to your queue"
        yield OFFERED.draft(
            recipient_id,
            occasion=handoff_id,
            subject=f"A lead was reassigned {where}",
            body=f"The {CLOCK_KINDS[clock.kind].label.lower()} SLA was missed.",
            path=clock.handoff.lead.get_absolute_url(),
            is_urgent=_is_urgent(clock),
        )


def _draft(
    clock: SlaClock, kind: NoticeKind, recipient_id: int, subject: str, body: str
) -> NoticeDraft:
    return kind.draft(
        recipient_id,
        occasion=clock.pk,
        subject=subject,
        body=body,
        path=clock.handoff.lead.get_absolute_url(),
        is_urgent=_is_urgent(clock),
    )


def _worded(template: str, clock: SlaClock) -> str:
    kind = CLOCK_KINDS[clock.kind]
    return template.format(label=kind.label, due=_when(clock))


def _is_urgent(clock: SlaClock) -> bool:
    return policy_of(clock.handoff.policy_id).pinned(clock.target_id).is_urgent


def _when(clock: SlaClock) -> str:
    zone = ZoneInfo(value_of(clock.calendar_id).zone)
    due_at = clock.due_at.astimezone(zone)
    return f"{date_time_text(due_at, with_weekday=True, with_year=False)} ({zone.key})"
