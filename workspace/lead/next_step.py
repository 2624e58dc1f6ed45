"""Say in one sentence what happens next with a lead, and who does it."""

from __future__ import annotations

from django.utils import timezone

from core.formatting import date_text, date_time_text
from handoff.clock_kinds import NEW_REQUEST
from handoff.lead_access import is_returned
from handoff.marketing_actions import problem_with_consent
from handoff.models import Handoff
from handoff.suppression import is_asking
from leads.models import Lead
from leads.qualification import lacks_way_to_reach
from leads.stages import UNQUALIFIED, Stage
from people.models import User

OFFERED = ("Accept or reject it.", "accepts or rejects it.")
OFFERED_LATER = (
    "Accept it, or ask your manager to reassign it.",
    "accepts it, or asks a manager to reassign it.",
)
AFTER_CONTACT = {
    Stage.SAL: (
        "Qualify it: need, authority, budget, timeline.",
        "qualifies it: need, authority, budget, timeline.",
    ),
    Stage.SQL: (
        "Open an opportunity or close it as lost.",
        "opens an opportunity or closes it as lost.",
    ),
    Stage.OPPORTUNITY: ("Close it as won or lost.", "closes it as won or lost."),
}
WITH_MARKETING = {
    Stage.NEW: "keeps it until its score reaches the MQL threshold.",
    Stage.ENGAGED: "keeps it until its score reaches the MQL threshold.",
    Stage.NURTURE: "nurtures it until it resurfaces.",
}


def next_step(lead: Lead, handoff: Handoff | None, *, reader: User) -> str:
    """Address the reader directly if the next step is theirs."""
    if lead.undone_at is not None:
        return "None. This lead does not count."
    if not lead.is_open:
        return f"None. This lead is closed as {Stage(lead.stage).label.lower()}."
    if handoff is not None and handoff.is_open:
        return rep_next(lead, handoff, is_own=handoff.owner_id == reader.pk)
    holder = str(lead.queue or lead.owner)
    if is_asking(lead) and not problem_with_consent(lead.contact):
        return f"{holder} decides whether to release the contact, who is suppressed."
    if lead.contact.suppressed_at is not None:
        return f"{holder} keeps it. Sales does not get leads of suppressed contacts."
    if lacks_way_to_reach(lead):
        return f"{holder} adds a way to reach the contact, and offers it to sales."
    if handoff is not None and is_returned(lead, handoff):
        return f"{holder} completes the missing fields and offers it to sales again."
    if lead.wake_on is not None:
        return f"{holder} keeps it until {date_text(lead.wake_on)} or a buying signal."
    if lead.returned_at is not None:
        return f"{holder} keeps it until a buying signal."
    return f"{holder} {WITH_MARKETING.get(Stage(lead.stage), 'decides what happens next.')}"


def request_text(handoff: Handoff) -> str:
    """Return when the contact sent a new request, or "" if no one has to answer one."""
    if not NEW_REQUEST.is_owed(handoff):
        return ""
    assert handoff.new_request_at is not None
    sent_at = date_time_text(timezone.localtime(handoff.new_request_at))
    return f"The contact sent a new request on {sent_at}."


def rep_next(lead: Lead, handoff: Handoff, *, is_own: bool) -> str:
    request = request_text(handoff)
    if handoff.state == Handoff.State.OFFERED:
        if handoff.owner is None:
            return f"A rep picks it up from the {handoff.queue} queue. {request}".strip()
        own, others = OFFERED if lead.stage in UNQUALIFIED else OFFERED_LATER
        return f"{own if is_own else f'{handoff.owner} {others}'} {request}".strip()
    if handoff.first_contact_at is None:
        if is_own:
            return f"Make first contact and log it. {request}".strip()
        return f"{handoff.owner} makes first contact and logs it. {request}".strip()
    if request:
        if is_own:
            return f"Contact them again and log it. {request}"
        return f"{handoff.owner} contacts them again and logs it. {request}"
    own, others = AFTER_CONTACT[Stage(lead.stage)]
    return own if is_own else f"{handoff.owner} {others}"
