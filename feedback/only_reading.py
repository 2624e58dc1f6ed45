"""Why somebody who answers handoffs cannot answer this one, in a sentence: where it is now."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from handoff.models import Handoff
from leads.models import Lead
from leads.stages import Stage
from people.models import User
from people.roles import ANSWERS_HANDOFFS


def why_only_read(lead: Lead, handoffs: Sequence[Handoff], *, reader: User) -> str:
    """`handoffs` come newest first; for who never answers any, there is nothing to explain."""
    if not reader.has_role(*ANSWERS_HANDOFFS):
        return ""
    now = f"{where_it_is(lead, handoffs, reader=reader)}, so you can only read it."
    ended = [each.closed_at for each in handoffs if each.owner_id == reader.pk and each.closed_at]
    if not ended:
        return now[0].upper() + now[1:]
    day = timezone.localtime(ended[0])
    return f"You had it until {day.day} {day:%b %Y}; {now}"


def where_it_went(handoff_id: int, *, reader: User) -> str:
    """For who answers too late; empty for who may not read the lead any more."""
    seen = Lead.objects.visible_to(reader).select_related("owner", "queue")
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
