"""Notify marketing of suppressed contacts who ask for sales."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

from handoff.notice_kinds import SUPPRESSED_REQUEST
from handoff.suppression import asking_leads
from leads.models import Lead, LeadQuerySet
from people.availability import ACTIVE_MEMBERSHIPS
from people.notices import write_notices

# Marketing is notified of leads whose last touch is not older.
NOTIFIED_FOR: Final = timedelta(days=30)
# The job runs every ten minutes; a run that is missed is made up for by the next.
NOTIFIED_WITHIN: Final = timedelta(minutes=20)


def unheard_leads(at: datetime) -> LeadQuerySet:
    leads = asking_leads(Lead.objects.all())
    return leads.filter(latest_touch_at__gt=at - NOTIFIED_FOR, is_historical=False)


def notify_of_suppressed_requests(*, at: datetime) -> int:
    """Notify the owner of the campaign, else the marketing team, once of each lead."""
    leads = list(unheard_leads(at).select_related("campaign__owner").order_by("pk"))
    teams = members_of({lead.queue_id for lead in leads})
    drafts = [
        SUPPRESSED_REQUEST.draft(
            recipient_id,
            occasion=lead.pk,
            subject="A suppressed contact asks for sales",
            body="Sales does not get this lead unless you release the contact.",
            path=lead.get_absolute_url(),
        )
        for lead in leads
        for recipient_id in recipients_of(lead, teams[lead.queue_id])
    ]
    write_notices(drafts, at=at)
    return len(drafts)


def recipients_of(lead: Lead, team: list[int]) -> list[int]:
    owner = lead.campaign.owner if lead.campaign else None
    return [owner.pk] if owner is not None and owner.is_active else team


def members_of(team_ids: set[int | None]) -> dict[int | None, list[int]]:
    members: dict[int | None, list[int]] = defaultdict(list)
    for team_id, user_id in ACTIVE_MEMBERSHIPS.filter(team__in=team_ids - {None}).values_list(
        "team", "user"
    ):
        members[team_id].append(user_id)
    return members
