"""Notify marketing of returned leads, without personal data."""

from __future__ import annotations

from datetime import datetime

from handoff.models import Handoff
from leads.models import Campaign, Lead
from people.models import Membership
from people.notices import Draft, write_notices


def notify_marketing(handoff: Handoff, *, why: str, at: datetime) -> None:
    """Notify everyone who may complete the lead, in their working hours."""
    drafts = [
        Draft(
            recipient_id=recipient_id,
            kind="sent_back",
            subject="Sales returned a lead",
            key=f"sent_back:{handoff.pk}:{recipient_id}",
            body=f"{why} Complete it to offer it to sales again.",
            path=handoff.lead.get_absolute_url(),
        )
        for recipient_id in completers_of(handoff.lead)
    ]
    write_notices(drafts, at=at)


def completers_of(lead: Lead) -> list[int]:
    """Return the members of the team that has the lead and the owner of its campaign."""
    team = Membership.objects.filter(team=lead.queue_id).values_list("user_id", flat=True)
    campaign = Campaign.objects.filter(leads=lead.pk).exclude(owner=None)
    return sorted(team.union(campaign.values_list("owner_id", flat=True)))
