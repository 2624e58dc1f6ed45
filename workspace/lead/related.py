"""Find the other leads that matter to whoever works or assigns this one."""

from __future__ import annotations

from dataclasses import dataclass

from leads.contact_names import name_contacts
from leads.models import Lead
from leads.normalization.identity import is_placeholder
from people.models import User
from people.readers import shape_of, values_of
from workspace.lead import queries


@dataclass(frozen=True)
class RelatedLeads:
    title: str
    leads: list[Lead]
    names_contact: bool = True


def related_leads(lead: Lead, reader: User) -> list[RelatedLeads]:
    """Return groups of leads; those the reader may not open have `is_visible` False."""
    shape, contact = shape_of(reader), lead.contact
    ids = {"lead_id": lead.pk, "contact_id": contact.pk, **values_of(reader)}
    has_phone = bool(contact.phone) and not is_placeholder(contact.phone)
    groups = [
        RelatedLeads(
            "Other leads for this contact",
            queries.LEADS_OF_CONTACT.rows(shape, **ids),
            names_contact=False,
        ),
        RelatedLeads(
            "Possible duplicates",
            queries.LEADS_OF_DUPLICATES.rows(shape, has_phone, phone=contact.phone or "", **ids),
        ),
        RelatedLeads(
            "Other open leads of this company",
            queries.OPEN_LEADS_OF_COMPANY.rows(shape, company_id=lead.company_id, **ids)
            if lead.company_id
            else [],
        ),
    ]
    name_contacts([other.contact for group in groups for other in group.leads])
    return [group for group in groups if group.leads]
