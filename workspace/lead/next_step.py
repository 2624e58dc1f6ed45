"""Who has to do what next: every lead has an answer to that, in one sentence (ROU-05, ROU-06)."""

from __future__ import annotations

from handoff.lead_access import is_returned
from handoff.models import Handoff
from leads.models import Lead
from leads.stages import UNQUALIFIED, Stage
from people.models import User

OFFERED = ("Accept it, or say why not.", "accepts it, or says no.")
OFFERED_LATER = (
    "Accept it, or ask your manager to pass it on.",
    "accepts it, or asks their manager to pass it on.",
)
AFTER_CONTACT = {
    Stage.SAL: (
        "Qualify it: need, authority, budget, timeline.",
        "qualifies it: need, authority, budget, timeline.",
    ),
    Stage.SQL: (
        "Open an opportunity, or close it as lost.",
        "opens an opportunity, or closes it as lost.",
    ),
    Stage.OPPORTUNITY: ("Win it or close it as lost.", "wins it or closes it as lost."),
}
WITH_MARKETING = {
    Stage.NEW: "waits for the next touch; the score decides when sales gets it.",
    Stage.ENGAGED: "waits for the next touch; the score decides when sales gets it.",
    Stage.NURTURE: "nurtures it until it comes back.",
}


def next_step(lead: Lead, handoff: Handoff | None, *, reader: User) -> str:
    """The sentence speaks to its reader when it is their turn."""
    if not lead.is_open:
        return f"Nothing: this pursuit is closed as {Stage(lead.stage).label.lower()}."
    if handoff is not None and handoff.is_open:
        return rep_next(lead, handoff, is_own=handoff.owner_id == reader.pk)
    who = str(lead.queue or lead.owner)
    if handoff is not None and is_returned(lead, handoff):
        return f"{who} completes what sales is missing and sends it again."
    return f"{who} {WITH_MARKETING.get(Stage(lead.stage), 'decides what comes next.')}"


def rep_next(lead: Lead, handoff: Handoff, *, is_own: bool) -> str:
    if handoff.state == Handoff.State.OFFERED:
        if handoff.owner is None:
            return f"Somebody in {handoff.queue} takes it."
        own, others = OFFERED if lead.stage in UNQUALIFIED else OFFERED_LATER
        return own if is_own else f"{handoff.owner} {others}"
    if handoff.first_contact_at is None:
        if is_own:
            return "Make first contact and log it."
        return f"{handoff.owner} makes first contact and logs it."
    own, others = AFTER_CONTACT[Stage(lead.stage)]
    return own if is_own else f"{handoff.owner} {others}"
