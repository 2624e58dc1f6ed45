"""Find the leads of a company."""

from __future__ import annotations

from leads.models import Company, Lead, LeadQuerySet


def leads_of(company: Company, leads: LeadQuerySet) -> LeadQuerySet:
    """Return the open leads of a company, and all leads of its present contacts.

    Each half has an index. A contact who moves to another company takes closed leads along.
    """
    own = Lead.objects.open().filter(company=company).order_by().values("pk")
    of_contacts = Lead.objects.filter(contact__company=company).order_by().values("pk")
    return leads.filter(pk__in=own.union(of_contacts))
