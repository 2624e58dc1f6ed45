"""Find the other leads that matter to whoever works or assigns this one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.raw_sql import BoundQuery
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


def related_query(lead: Lead, reader: User) -> BoundQuery[Lead]:
    contact = lead.contact
    has_phone = bool(contact.phone) and not is_placeholder(contact.phone)
    return queries.RELATED_LEADS.bound(
        shape_of(reader),
        has_phone,
        lead_id=lead.pk,
        contact_id=contact.pk,
        company_id=lead.company_id or 0,
        phone=contact.phone or "",
        **values_of(reader),
    )


def related_leads(lead: Lead, leads: list[Lead]) -> list[RelatedLeads]:
    """Group the leads of the query; those the reader may not open have `is_visible` False."""
    contact = lead.contact
    name_contacts([other.contact for other in leads])
    groups = [
        RelatedLeads(
            "Other leads for this contact",
            [other for other in leads if other.contact_id == contact.pk],
            names_contact=False,
        ),
        RelatedLeads(
            "Possible duplicates",
            [other for other in leads if getattr(other, "is_duplicate", False)],
        ),
        RelatedLeads(
            "Other open leads of this company",
            [other for other in leads if is_colleague(other, lead)],
        ),
    ]
    return [
        replace(group, leads=group.leads[: queries.MAX_RELATED]) for group in groups if group.leads
    ]


def is_colleague(other: Lead, lead: Lead) -> bool:
    """Return whether this is an open lead of another contact at the company."""
    is_same_company = lead.company_id is not None and other.company_id == lead.company_id
    return is_same_company and other.is_open and other.contact_id != lead.contact_id
