"""Choose a lead by name, for pages that show what a draft would do with it."""

from __future__ import annotations

from typing import Final

from leads.contact_names import name_contacts
from leads.models import Lead, LeadQuerySet
from leads.search import search

MAX_FOUND: Final = 8
MAX_OFFERED: Final = 4


def find_leads(leads: LeadQuerySet, text: str) -> list[Lead]:
    """Find leads by number, name, company or email, the latest first."""
    leads = leads.counted()
    if not text or "\0" in text:  # which no column can hold
        return []
    is_number = text.isdecimal() and len(text) < 19
    matches = leads.filter(pk=int(text)) if is_number else search(leads, text).leads
    return _latest(matches, MAX_FOUND)


def latest_leads(leads: LeadQuerySet) -> list[Lead]:
    return _latest(leads.counted(), MAX_OFFERED)


def _latest(leads: LeadQuerySet, number: int) -> list[Lead]:
    related = leads.select_related("contact", "company", "lead_type")
    latest = list(related.order_by("-opened_at", "-pk")[:number])
    name_contacts([lead.contact for lead in latest])
    return latest
