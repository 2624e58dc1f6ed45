"""What reps are told about offers; ids and words only, nothing personal (house rule 12)."""

from __future__ import annotations

from datetime import datetime

from core.unit_of_work import UnitOfWork
from handoff import clock_kinds
from handoff.offers import Offer
from handoff.sla.policy import PolicySpec
from leads.models import Lead, Temperature
from people.calendars import value_of
from people.models import Notice


def notify_owner(
    work: UnitOfWork, lead: Lead, to: Offer, policy: PolicySpec, *, at: datetime
) -> None:
    """Tell the person a lead is offered to: at their next opening, or at once if it is urgent."""
    if to.owner_id is None:
        return
    answer = policy.target(
        clock_kinds.ANSWER.code, lead_type_id=lead.lead_type_id, temperature=lead.temperature
    )
    is_urgent = answer is not None and answer.is_urgent
    work.add(
        Notice(
            recipient_id=to.owner_id,
            kind="offered",
            subject=f"A {lead.temperature} lead is offered to you",
            body="Its clock is running. Open it to accept it, reject it or say what is missing.",
            path=lead.get_absolute_url(),
            key=f"offered:{to.handoff_id}",
            is_urgent=is_urgent,
            created_at=at,
            deliver_at=at if is_urgent else value_of(to.edition_id).next_open(at),
        )
    )


def notify_of_heat(work: UnitOfWork, lead: Lead, *, touch_id: int, at: datetime) -> None:
    """Tell who has a lead at once that it became hot; the clocks stay those of the offer (N-13)."""
    if lead.owner_id is None or lead.temperature != Temperature.HOT:
        return
    work.add(
        Notice(
            recipient_id=lead.owner_id,
            kind="became_hot",
            subject="A lead of yours became hot",
            body="The same person asked again, for more. Open it and call while it is fresh.",
            path=lead.get_absolute_url(),
            key=f"became_hot:{touch_id}",
            is_urgent=True,
            created_at=at,
            deliver_at=at,
        )
    )
