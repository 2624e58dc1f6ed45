"""What our own people are told about clocks; no word about the prospect leaves the lead's page."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from handoff.escalation.plan import Destination
from handoff.models import SlaClock
from handoff.sla.policy import policy_of
from leads.models import Lead
from people.calendars import value_of
from people.notices import Draft


def warned(clock: SlaClock) -> Iterator[Draft]:
    if clock.handoff.owner_id is not None:
        what = clock.get_kind_display()
        yield _draft(
            clock,
            "clock_warned",
            clock.handoff.owner_id,
            f"{what} due {_when(clock)}: lead {clock.lead_id}",
            "Most of the time for it has passed.",
        )


def late(clock: SlaClock, manager_id: int | None) -> Iterator[Draft]:
    """To the owner and the manager, who may be one person."""
    subject = f"{clock.get_kind_display()} is late: lead {clock.lead_id}"
    body = f"It was due {_when(clock)}."
    for recipient_id in {clock.handoff.owner_id, manager_id}:
        if recipient_id is not None:
            yield _draft(clock, "clock_breached", recipient_id, subject, body)


def given_on(clock: SlaClock, handoff_id: int, to: Destination) -> Iterator[Draft]:
    """To the new owner, or to whoever runs the queue it went to."""
    recipient_id = to.owner_id or to.manager_id
    if recipient_id is not None:
        where = "yours" if to.owner_id else "in your queue"
        yield Draft(
            recipient_id=recipient_id,
            kind="offered",
            subject=f"Lead {clock.lead_id} is {where} now",
            body=f"The {clock.get_kind_display().lower()} was late, so it was given on.",
            path=Lead(pk=clock.lead_id).get_absolute_url(),
            key=f"offered:{handoff_id}:{recipient_id}",
            is_urgent=_is_urgent(clock),
        )


def _draft(clock: SlaClock, kind: str, recipient_id: int, subject: str, body: str) -> Draft:
    return Draft(
        recipient_id=recipient_id,
        kind=kind,
        subject=subject,
        body=body,
        path=Lead(pk=clock.lead_id).get_absolute_url(),
        key=f"{kind}:{clock.pk}:{recipient_id}",
        is_urgent=_is_urgent(clock),
    )


def _is_urgent(clock: SlaClock) -> bool:
    return policy_of(clock.handoff.policy_id).pinned(clock.target_id).is_urgent


def _when(clock: SlaClock) -> str:
    zone = ZoneInfo(value_of(clock.calendar_id).zone)
    return f"{clock.due_at.astimezone(zone):%a %d %b %H:%M} ({zone.key})"
