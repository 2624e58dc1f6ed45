"""Find the users who declined a lead: they are not offered it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from handoff.models import Handoff

State = Handoff.State


def decliners_of(lead_ids: Collection[int]) -> Mapping[int, set[int]]:
    """Return per lead the users who rejected it or let it expire.

    Whoever could not evaluate it may get it again, once the missing data is there.
    """
    decliners: dict[int, set[int]] = defaultdict(set)
    declined = Handoff.objects.filter(lead__in=lead_ids, state__in=(State.REJECTED, State.EXPIRED))
    rows = declined.values_list("lead_id", "state", "owner_id", "answered_by_id")
    for lead_id, state, owner_id, answered_by_id in rows:
        decliners[lead_id].add(owner_id)
        if state == State.REJECTED:
            decliners[lead_id].add(answered_by_id)
    return {lead_id: user_ids - {None} for lead_id, user_ids in decliners.items()}
