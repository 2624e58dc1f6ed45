"""Check that returned leads stay with marketing until there is a reason to offer them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from django.db.models import Exists, F, OuterRef

from core.invariants import Check, Violation
from handoff.models import Handoff
from handoff.resurfacing import RESURFACED_WITHIN, due_leads
from handoff.returned_offers import unexplained_offers
from leads.models import Lead


def returned_leads_stay_with_marketing(at: datetime) -> Iterator[Violation]:
    """Find leads that wait for a signal, their data or a date, and are with sales all the same."""
    offered = Handoff.objects.open().filter(lead=OuterRef("pk"))
    waiting = Lead.objects.open().exclude(returned_at=None)
    for lead in waiting.filter(Exists(offered)).order_by("pk"):
        yield Violation(f"lead {lead.pk}", "sales returned it, and it was offered without a reason")


def returned_leads_are_offered_for_a_reason(at: datetime) -> Iterator[Violation]:
    for offer in unexplained_offers():
        yield Violation(
            f"lead {offer.lead_id}",
            f"sales returned it, and handoff {offer.payload['handoff']} was opened without a "
            "signal, complete data, its date or an act of marketing",
        )


def no_lead_is_past_its_date(at: datetime) -> Iterator[Violation]:
    for lead in due_leads(at - RESURFACED_WITHIN).order_by("pk"):
        yield Violation(f"lead {lead.pk}", f"it was to resurface on {lead.wake_on}")


def suppressed_contacts_are_not_offered(at: datetime) -> Iterator[Violation]:
    offered = Handoff.objects.open().filter(offered_at__gt=F("lead__contact__suppressed_at"))
    for handoff in offered.order_by("pk"):
        yield Violation(f"handoff {handoff.pk}", "its contact was suppressed before the offer")


CHECKS: Final[Mapping[str, Check]] = {
    "a returned lead stays with marketing until it may be offered": (
        returned_leads_stay_with_marketing
    ),
    "a returned lead is offered again only for a reason": returned_leads_are_offered_for_a_reason,
    "no lead is past the date on which it resurfaces": no_lead_is_past_its_date,
    "no suppressed contact is offered": suppressed_contacts_are_not_offered,
}
