"""Decide whether a lead is ready for sales, by its score or as a hand-raiser."""

from __future__ import annotations

from typing import Final

from leads.configuration import LeadConfiguration
from leads.models import Contact, Lead
from leads.stages import Stage

WITH_MARKETING = frozenset({Stage.NEW, Stage.ENGAGED, Stage.NURTURE})
# One of them is enough.
WAYS_TO_REACH: Final = ("contact.has_email", "contact.has_phone")


def is_with_marketing(lead: Lead, config: LeadConfiguration) -> bool:
    """Return whether marketing has the lead, by its stage or as an imported MQL."""
    if lead.stage in WITH_MARKETING:
        return True
    was_imported = lead.is_historical and lead.stage == Stage.MQL
    return was_imported and lead.owner_id is None and lead.queue_id == config.marketing_team_id


def can_be_reached(contact: Contact) -> bool:
    return bool(contact.email or contact.phone)


def why_ready(lead: Lead, contact: Contact, config: LeadConfiguration) -> str:
    """Return `score` or `hand_raise`, or "" if marketing keeps the lead.

    A hand-raiser needs a corporate email address or a phone number. Contacts that are suppressed
    or cannot be reached are never ready.
    """
    return why_wanted(lead, contact, config) if can_be_reached(contact) else ""


def is_out_of_reach(lead: Lead, contact: Contact, config: LeadConfiguration) -> bool:
    """Return whether sales would get the lead if it had an email address or a phone number."""
    return not can_be_reached(contact) and bool(why_wanted(lead, contact, config))


def lacks_way_to_reach(lead: Lead) -> bool:
    """Return whether marketing was asked to find a way to reach the lead."""
    return lead.returned_at is None and tuple(lead.missing_fields) == WAYS_TO_REACH


def why_wanted(lead: Lead, contact: Contact, config: LeadConfiguration) -> str:
    if not is_with_marketing(lead, config) or contact.suppressed_at is not None:
        return ""
    if lead.score >= config.mql_threshold:
        return "score"
    lead_type = config.lead_types_by_id.get(lead.lead_type_id or 0)
    is_hand_raise = lead_type is not None and lead_type.is_hand_raise
    has_private_email_only = contact.email and not (contact.email_is_corporate or contact.phone)
    return "hand_raise" if is_hand_raise and not has_private_email_only else ""
