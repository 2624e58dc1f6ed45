"""Why somebody who answers handoffs cannot answer this one, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from core.permissions import Right
from handoff.models import Handoff
from leads.models import Lead
from people.models import User
from workspace.refusal_messages import where_it_is


def why_only_read(lead: Lead, handoffs: Sequence[Handoff], *, reader: User) -> str:
    """`handoffs` come newest first; for who never answers any, there is nothing to explain."""
    if Right.ANSWER_HANDOFFS not in reader.rights:
        return ""
    now = f"{where_it_is(lead, handoffs, reader=reader)}, so you can only read it."
    ended = [each.closed_at for each in handoffs if each.owner_id == reader.pk and each.closed_at]
    if not ended:
        return now[0].upper() + now[1:]
    day = timezone.localtime(ended[0])
    return f"You had it until {day.day} {day:%b %Y}; {now}"
