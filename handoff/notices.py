"""Notify reps of offers, without personal data."""

from __future__ import annotations

from datetime import datetime

from core.unit_of_work import UnitOfWork
from handoff import clock_kinds
from handoff.notice_kinds import BECAME_HOT, OFFERED
from handoff.offers import Offer
from handoff.sla.policy import PolicySpec
from leads.models import Lead, Temperature
from people.notices import notice_from


def notify_owner(
    work: UnitOfWork, lead: Lead, to: Offer, policy: PolicySpec, *, at: datetime
) -> None:
    """Notify the owner of an offer in their working hours, or at once if it is urgent."""
    if to.owner_id is None:
        return
    answer = policy.target(
        clock_kinds.ANSWER.code, lead_type_id=lead.lead_type_id, temperature=lead.temperature
    )
    draft = OFFERED.draft(
        to.owner_id,
        occasion=to.handoff_id,
        subject=f"A {lead.temperature} lead is offered to you",
        body="Its clock is running. Open it to accept it, reject it or say what is missing.",
        path=lead.get_absolute_url(),
        is_urgent=answer is not None and answer.is_urgent,
    )
    work.add(notice_from(draft, edition_id=to.edition_id, at=at))


def notify_of_hot_lead(work: UnitOfWork, lead: Lead, *, touch_id: int, at: datetime) -> None:
    """Notify the owner at once that a lead became hot; the clocks of the offer do not change."""
    if lead.owner_id is None or lead.temperature != Temperature.HOT:
        return
    draft = BECAME_HOT.draft(
        lead.owner_id,
        occasion=touch_id,
        subject="A lead of yours became hot",
        body="The same person asked again, for more. Open it and call while it is fresh.",
        path=lead.get_absolute_url(),
    )
    work.add(notice_from(draft, edition_id=None, at=at))
