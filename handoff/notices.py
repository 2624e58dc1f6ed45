"""Notify reps of offers, and marketing of returned and rejected leads.

Nothing of the contact is in a notice, apart from what the rep wrote in the note.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from core.unit_of_work import UnitOfWork
from handoff import clock_kinds
from handoff.models import Handoff
from handoff.notice_kinds import (
    BECAME_HOT,
    CLOCK_BREACHED,
    CLOCK_WARNED,
    CONTACT_MADE,
    OFFERED,
    QUEUE_WAITS,
    QUEUE_WAITS_LONG,
    REJECTED,
    RETURNED,
)
from handoff.offers import Offer
from handoff.sla.policy import PolicySpec
from leads.models import Campaign, Lead, Temperature
from people.covers import covered_now
from people.models import Membership, Notice, User
from people.notice_kinds import NoticeKind
from people.notices import notice_row, write_notices

# How long an answer can be undone, and notices of it wait.
UNDO_WITHIN: Final = timedelta(minutes=1)


def notify_owner(
    work: UnitOfWork, lead: Lead, to: Offer, policy: PolicySpec, *, at: datetime
) -> None:
    """Notify the owner of an offer in their working hours, or at once if it is urgent."""
    if to.owner_id is None:
        return
    draft = OFFERED.draft(
        to.owner_id,
        occasion=to.handoff_id,
        subject=f"A {lead.temperature} lead is offered to you",
        body="The SLA timer is running. Accept the lead, reject it or report missing data.",
        path=lead.get_absolute_url(),
        is_urgent=is_urgent_offer(policy, lead),
    )
    work.add_row(Notice, **notice_row(draft, edition_id=to.edition_id, at=at))


def is_urgent_offer(policy: PolicySpec, lead: Lead) -> bool:
    """Return whether to notify of the offer outside working hours, too."""
    answer = policy.target(
        clock_kinds.ANSWER.code, lead_type_id=lead.lead_type_id, temperature=lead.temperature
    )
    return answer is not None and answer.is_urgent


def notify_of_hot_leads(work: UnitOfWork, leads: Mapping[int, Lead], *, at: datetime) -> None:
    """Notify at once the owners of leads that a touch made hot, or their covers; `leads` by touch.

    The clocks of the offers do not change.
    """
    hot = {
        touch_id: lead for touch_id, lead in leads.items() if lead.temperature == Temperature.HOT
    }
    owner_ids = {lead.owner_id for lead in hot.values() if lead.owner_id is not None}
    covered = covered_now(owner_ids, at=at) if owner_ids else {}
    for touch_id, lead in hot.items():
        if lead.owner_id is None:
            continue
        absence = covered.get(lead.owner_id)
        whose = f"A lead of {absence.user}" if absence else "One of your leads"
        why = f" You cover for {absence.user}." if absence else ""
        draft = BECAME_HOT.draft(
            (absence and absence.cover_id) or lead.owner_id,
            occasion=touch_id,
            subject=f"{whose} became hot",
            body=f"The contact showed new interest.{why} Open the lead and call soon.",
            path=lead.get_absolute_url(),
        )
        work.add_row(Notice, **notice_row(draft, edition_id=None, at=at))


def notify_of_contact(
    work: UnitOfWork, lead_id: int, *, occurred_at: datetime, at: datetime
) -> None:
    """Notify who has a locked lead now of an attempt that a previous owner logged late."""
    current = Handoff.objects.open().select_related("lead").filter(lead=lead_id).first()
    if current is None or current.owner_id is None:
        return
    draft = CONTACT_MADE.draft(
        current.owner_id,
        occasion=f"{current.pk} {occurred_at.isoformat()}",
        subject="A previous owner already contacted one of your leads",
        body="They logged it after the lead was reassigned to you. Read it before you call.",
        path=current.lead.get_absolute_url(),
    )
    work.add_row(Notice, **notice_row(draft, edition_id=None, at=at))


def notify_marketing(handoff: Handoff, *, why: str, at: datetime) -> None:
    """Notify everyone who may complete the lead, in their working hours.

    Like all notices of answers, it leaves only when the answer can no longer be undone.
    """
    drafts = [
        RETURNED.draft(
            recipient_id,
            occasion=handoff.pk,
            subject="Sales returned a lead",
            body=f"{why} Complete it to offer it to sales again.",
            path=handoff.lead.get_absolute_url(),
        )
        for recipient_id in completers_of(handoff.lead)
    ]
    write_notices(drafts, at=at, hold=UNDO_WITHIN)


def notify_campaign_owner(
    handoff: Handoff, campaigns: Mapping[int, Campaign], *, why: str, at: datetime
) -> None:
    """Notify the owner of the campaign that brought the lead, if they want each rejection at once.

    Others get the daily digest of `handoff.rejection_digest`.
    """
    campaign = campaigns.get(handoff.lead.campaign_id or 0)
    if campaign is None or campaign.owner_id is None:
        return
    at_once = User.RejectionNotices.AT_ONCE
    if not User.objects.filter(pk=campaign.owner_id, rejection_notices=at_once).exists():
        return
    draft = REJECTED.draft(
        campaign.owner_id,
        occasion=handoff.pk,
        subject=f"Sales rejected lead {handoff.lead_id} of {campaign.name}"[:200],
        body=why,
        path=handoff.lead.get_absolute_url(),
    )
    write_notices([draft], at=at, hold=UNDO_WITHIN)


def notices_of_answer(handoff_id: int) -> QuerySet[Notice]:
    return Notice.objects.filter(_about((RETURNED, REJECTED), handoff_id))


def notices_asking_for_answer(handoff_id: int, clock_ids: Iterable[int]) -> QuerySet[Notice]:
    """Return what an answer makes outdated: notices of the offer and of its clocks."""
    keys = _about((OFFERED, QUEUE_WAITS, QUEUE_WAITS_LONG), handoff_id)
    for clock_id in clock_ids:
        keys |= _about((CLOCK_WARNED, CLOCK_BREACHED), clock_id)
    return Notice.objects.filter(keys)


def _about(kinds: Iterable[NoticeKind], occasion_id: int) -> Q:
    keys = Q()
    for kind in kinds:
        keys |= Q(kind=kind.code, key__startswith=f"{kind.code}:{occasion_id}:")
    return keys


def completers_of(lead: Lead) -> list[int]:
    """Return the members of the team that has the lead and the owner of its campaign."""
    team = Membership.objects.filter(team=lead.queue_id).values_list("user_id", flat=True)
    campaign = Campaign.objects.filter(pk=lead.campaign_id or 0).exclude(owner=None)
    return sorted(team.union(campaign.values_list("owner_id", flat=True)))
