"""Where a lead is now, in a sentence for who comes too late."""

from __future__ import annotations

from collections.abc import Sequence

from handoff.lead_access import visible_leads
from handoff.locking import HandoffClosed, refuse_if_answered
from handoff.models import Handoff
from leads.models import Lead
from leads.stages import Stage
from people.models import User


def why_not_theirs(handoff_id: int, *, reader: User) -> str:
    """For who answers what is somebody else's; empty for who may not read the lead either."""
    where = where_it_went(handoff_id, reader=reader)
    if not where:
        return ""
    try:
        refuse_if_answered(Handoff.objects.get(pk=handoff_id), also_accepted=False)
    except HandoffClosed as refusal:
        return f"{str(refusal).removesuffix('.')}; {where}."
    return f"{where[0].upper()}{where[1:]}, so you can only read it."


def too_late(refusal: HandoffClosed, handoff_id: int, *, reader: User) -> str:
    where = where_it_went(handoff_id, reader=reader)
    return f"{str(refusal).removesuffix('.')}; {where}." if where else str(refusal)


def where_it_went(handoff_id: int, *, reader: User) -> str:
    """For who answers too late; empty for who may not read the lead any more."""
    seen = visible_leads(reader).select_related("owner", "queue")
    lead = seen.filter(handoffs=handoff_id).first()
    if lead is None:
        return ""
    newest = lead.handoffs.order_by("-offered_at", "-pk")[:1]
    return where_it_is(lead, list(newest), reader=reader)


def where_it_is(lead: Lead, handoffs: Sequence[Handoff], *, reader: User) -> str:
    if not lead.is_open:
        return f"it is closed as {Stage(lead.stage).label.lower()}"
    is_offered = bool(handoffs and handoffs[0].is_open)
    if lead.owner_id == reader.pk:
        return "it is with you now" if is_offered else "no handoff is open on it"
    if lead.owner is not None or not is_offered:
        return f"it is with {lead.owner or lead.queue} now"
    return f"it waits in the queue {lead.queue} now"
