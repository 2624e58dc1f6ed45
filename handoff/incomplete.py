"""Let marketing complete a lead that no one could reach, instead of offering it."""

from __future__ import annotations

from datetime import datetime

from core.unit_of_work import UnitOfWork
from handoff.notice_kinds import INCOMPLETE
from handoff.notices import completers_of
from leads.configuration import LeadConfiguration
from leads.event_log import record
from leads.events import Incomplete
from leads.models import Contact, Lead
from leads.qualification import (
    WAYS_TO_REACH,
    can_be_reached,
    is_out_of_reach,
    lacks_way_to_reach,
)
from people.notices import write_notices


def note_reach(
    work: UnitOfWork, lead: Lead, contact: Contact, config: LeadConfiguration, *, at: datetime
) -> None:
    """Ask marketing for a way to reach a lead that is ready but for it, once."""
    if lacks_way_to_reach(lead) and can_be_reached(contact):
        work.set(lead, missing_fields=[])
    elif not lead.missing_fields and is_out_of_reach(lead, contact, config):
        work.set(lead, missing_fields=list(WAYS_TO_REACH))
        record(work, lead.pk, Incomplete(fields=list(WAYS_TO_REACH)), at=at)
        notify_completers(lead, config, at=at)


def notify_completers(lead: Lead, config: LeadConfiguration, *, at: datetime) -> None:
    lead_type = config.lead_types_by_id.get(lead.lead_type_id or 0)
    is_hand_raise = lead_type is not None and lead_type.is_hand_raise
    drafts = [
        INCOMPLETE.draft(
            recipient_id,
            occasion=lead.pk,
            subject="A lead that asked for sales cannot be reached"
            if is_hand_raise
            else "A lead that is ready for sales cannot be reached",
            body="It has no email address and no phone number. Add one to offer it to sales.",
            path=lead.get_absolute_url(),
        )
        for recipient_id in completers_of(lead)
    ]
    write_notices(drafts, at=at)
