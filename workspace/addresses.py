"""Addresses for lower apps, which get them through the settings."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.urls import reverse

if TYPE_CHECKING:
    from handoff.models import RejectionReason
    from leads.models import Campaign, Company, Contact, Lead
    from people.models import User


def lead_url(lead: Lead) -> str:
    return f"{_start_of('lead')}{lead.pk}/"


def contact_url(contact: Contact) -> str:
    return f"{_start_of('contact')}{contact.pk}/"


def company_url(company: Company) -> str:
    return f"{_start_of('company')}{company.pk}/"


def campaign_url(campaign: Campaign) -> str:
    return f"{_start_of('campaign')}{campaign.pk}/"


def person_url(person: User) -> str:
    return f"{_start_of('person')}{person.pk}/"


def rejections_url(reason: RejectionReason) -> str:
    """Return the address of the handoffs that were rejected for a reason, of the latest days."""
    return f"{reverse('reporting:leads')}?metric=rejection_reasons&reason={reason.code}"


@cache
def _start_of(name: str) -> str:
    """Return the address that ends before the id: a sweep needs thousands, and all differ in it."""
    return reverse(f"workspace:{name}", args=[0]).removesuffix("0/")
