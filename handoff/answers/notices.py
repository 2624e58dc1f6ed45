"""What marketing is told when sales gives a lead back; nothing personal (house rule 12)."""

from __future__ import annotations

from datetime import datetime

from handoff.models import Handoff
from leads.models import Campaign, Lead
from people.models import Membership
from people.notices import Draft, write_notices


def notify_marketing(handoff: Handoff, *, why: str, at: datetime) -> None:
    """Tell whoever may complete it, at their next opening."""
    drafts = [
        Draft(
            recipient_id=recipient_id,
            kind="sent_back",
            subject="Sales sent a lead back",
            key=f"sent_back:{handoff.pk}:{recipient_id}",
            body=f"{why} Complete it, and it goes to sales again.",
            path=handoff.lead.get_absolute_url(),
        )
        for recipient_id in who_completes(handoff.lead)
    ]
    write_notices(drafts, at=at)


def who_completes(lead: Lead) -> list[int]:
    """The team in whose queue it stands, and whose campaign brought it."""
    team = Membership.objects.filter(team=lead.queue_id).values_list("user_id", flat=True)
    campaign = Campaign.objects.filter(leads=lead.pk).exclude(owner=None)
    return sorted(team.union(campaign.values_list("owner_id", flat=True)))
