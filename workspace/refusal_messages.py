"""Messages for people who cannot answer a handoff, with where the lead is now."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from core.formatting import date_text
from core.permissions import Right
from handoff.lead_access import visible_leads
from handoff.locking import HandoffClosed, refuse_if_answered
from handoff.models import Handoff
from leads.models import Lead
from leads.stages import Stage
from people.models import User


def not_yours_message(handoff_id: int, *, reader: User) -> str:
    """Say who has the lead; empty if the reader may not see it."""
    holder = current_holder_text(handoff_id, reader=reader)
    if not holder:
        return ""
    try:
        refuse_if_answered(Handoff.objects.get(pk=handoff_id), also_accepted=False)
    except HandoffClosed as refusal:
        return f"{str(refusal).removesuffix('.')}. {capitalized(holder)}."
    return f"{capitalized(holder)}. You can view it but not answer it."


def closed_message(refusal: HandoffClosed, handoff_id: int, *, reader: User) -> str:
    """Say what happened to the handoff, and where the lead is now if the reader may see it."""
    holder = current_holder_text(handoff_id, reader=reader)
    return f"{str(refusal).removesuffix('.')}. {capitalized(holder)}." if holder else str(refusal)


def read_only_reason(lead: Lead, handoffs: Sequence[Handoff], *, reader: User) -> str:
    """Say why a rep cannot answer this lead; empty for other roles. `handoffs`: newest first."""
    if Right.ANSWER_HANDOFFS not in reader.rights:
        return ""
    reason = f"{capitalized(holder_text(lead, handoffs, reader=reader))}."
    ended = [
        handoff.closed_at
        for handoff in handoffs
        if handoff.owner_id == reader.pk and handoff.closed_at
    ]
    if ended:
        day = timezone.localtime(ended[0])
        reason = f"You had this lead until {date_text(day)}. {reason}"
    return f"{reason} You can view it but not answer it."


def current_holder_text(handoff_id: int, *, reader: User) -> str:
    """Return `holder_text` of a handoff's lead; empty if the reader may not see it."""
    seen = visible_leads(reader).select_related("owner", "queue")
    lead = seen.filter(handoffs=handoff_id).first()
    if lead is None:
        return ""
    newest = lead.handoffs.order_by("-offered_at", "-pk")[:1]
    return holder_text(lead, list(newest), reader=reader)


def holder_text(lead: Lead, handoffs: Sequence[Handoff], *, reader: User) -> str:
    if not lead.is_open:
        return f"it is closed as {Stage(lead.stage).label.lower()}"
    is_offered = bool(handoffs and handoffs[0].is_open)
    if lead.owner_id == reader.pk:
        return "it is assigned to you" if is_offered else "it has no open handoff"
    if lead.owner is not None or not is_offered:
        return f"it is with {lead.owner or lead.queue} now"
    return f"it is in the {lead.queue} queue now"


def capitalized(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
