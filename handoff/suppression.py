"""Find suppressed contacts that ask for sales, and say why they are suppressed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef

from core.formatting import date_text
from handoff.models import Handoff, Rejection, RejectionReason
from handoff.return_reasons import with_note
from leads.models import EventKind, Lead, LeadEvent, LeadQuerySet
from leads.stages import Stage


class Suppression(NamedTuple):
    since: datetime
    reason: str = ""
    note: str = ""
    by: str = ""

    def __str__(self) -> str:
        """Return a text such as “Suppressed since Nov 3, 2026 by Mia Kern: Not ICP”."""
        by = f" by {self.by}" if self.by else ""
        reason = f": {with_note(self.reason, self.note)}" if self.reason else ""
        return f"Suppressed since {date_text(self.since)}{by}{reason}"


def asking_leads(leads: LeadQuerySet) -> LeadQuerySet:
    """Return the open leads of suppressed contacts who asked to talk to sales."""
    offered = Handoff.objects.open().filter(lead=OuterRef("pk"))
    asking = leads.open().filter(contact__suppressed_at__isnull=False)
    return asking.filter(~Exists(offered), lead_type__is_hand_raise=True)


def is_asking(lead: Lead) -> bool:
    """Return whether `asking_leads` has a lead that marketing holds."""
    is_hand_raise = lead.lead_type is not None and lead.lead_type.is_hand_raise
    return lead.is_open and lead.contact.suppressed_at is not None and is_hand_raise


def suppressions_of(contact_ids: Collection[int]) -> Mapping[int, Suppression]:
    """Return who suppressed each of the contacts and why, by contact id."""
    if not contact_ids:
        return {}
    disqualified = LeadEvent.objects.counted().filter(
        lead__contact__in=contact_ids,
        kind=EventKind.STAGE_CHANGED,
        to_stage=Stage.DISQUALIFIED,
        occurred_at=F("lead__contact__suppressed_at"),
    )
    events = list(disqualified.select_related("lead", "actor").order_by("pk"))
    labels = dict(RejectionReason.objects.values_list("code", "label")) if events else {}
    rejections = Rejection.objects.filter(handoff__lead__in={event.lead_id for event in events})
    notes = {
        (lead_id, rejected_at): note
        for lead_id, rejected_at, note in rejections.values_list(
            "handoff__lead", "rejected_at", "note"
        )
    }
    return {
        event.lead.contact_id: Suppression(
            event.occurred_at,
            labels.get(event.payload.get("reason", ""), ""),
            notes.get((event.lead_id, event.occurred_at), ""),
            str(event.actor or ""),
        )
        for event in events
    }


def suppression_of(lead: Lead) -> Suppression | None:
    """Return why the contact of a lead is suppressed; other ways than an answer give no reason."""
    since = lead.contact.suppressed_at
    if since is None:
        return None
    return suppressions_of([lead.contact_id]).get(lead.contact_id, Suppression(since))


def suppression_texts(lead_ids: Collection[int]) -> Mapping[int, str]:
    """Return why the contacts of the leads are suppressed, by lead id."""
    if not lead_ids:
        return {}
    leads = Lead.objects.filter(pk__in=lead_ids, contact__suppressed_at__isnull=False)
    rows = list(leads.values_list("pk", "contact", "contact__suppressed_at"))
    known = suppressions_of({contact_id for _, contact_id, _ in rows})
    return {
        lead_id: str(known.get(contact_id) or Suppression(since))
        for lead_id, contact_id, since in rows
        if since is not None
    }
