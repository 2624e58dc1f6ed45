"""Find the other leads that matter to whoever works or assigns this one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Exists, OuterRef

from handoff.lead_access import visible_leads
from leads.contact_names import name_contacts
from leads.duplicates import possible_duplicates
from leads.models import Lead, LeadQuerySet
from people.models import User

MAX_SHOWN: Final = 10


@dataclass(frozen=True)
class RelatedLeads:
    title: str
    leads: list[Lead]
    names_contact: bool = True


def related_leads(lead: Lead, reader: User) -> list[RelatedLeads]:
    """Return groups of leads; those the reader may not open have `is_visible` False."""
    visible = visible_leads(reader).filter(pk=OuterRef("pk"))
    leads = Lead.objects.counted().annotate(is_visible=Exists(visible)).exclude(pk=lead.pk)
    duplicates = possible_duplicates(lead.contact).values("pk")
    groups = [
        RelatedLeads(
            "Other leads for this contact",
            newest(leads.filter(contact=lead.contact_id, is_visible=True)),
            names_contact=False,
        ),
        RelatedLeads("Possible duplicates", newest(leads.filter(contact__in=duplicates))),
        RelatedLeads(
            "Other open leads of this company",
            newest(leads.open().filter(company=lead.company_id).exclude(contact=lead.contact_id))
            if lead.company_id
            else [],
        ),
    ]
    return [group for group in groups if group.leads]


def newest(leads: LeadQuerySet) -> list[Lead]:
    related = leads.select_related("contact", "owner", "queue", "lead_type")
    shown = list(related.order_by("-opened_at", "-pk")[:MAX_SHOWN])
    name_contacts([lead.contact for lead in shown])
    return shown
