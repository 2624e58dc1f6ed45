"""The order in which leads wait for a pool: hot ones first, then by when they became ready."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Case, When

from handoff.assignment.eligibility import Place
from handoff.models import Handoff
from leads.models import Lead, Temperature
from leads.qualification import WITH_MARKETING
from people.availability import AlsoRead

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# As HandoffQuerySet.waiting, in the words of the index `handoff_that_waits`.
WAITS: Final = "closed_at IS NULL AND owner_id IS NULL AND waits_for IS NOT NULL"


def waiting_place(lead: Lead, *, since: datetime) -> Place:
    is_not_hot = int(lead.temperature != Temperature.HOT)
    return Place(is_not_hot, (since - EPOCH) // timedelta(microseconds=1), lead.pk)


def keep_places(leads: Iterable[Lead]) -> None:
    """Let locked leads that wait do so by the temperature that they have now."""
    queued = [lead for lead in leads if lead.queue_id and lead.stage not in WITH_MARKETING]
    if not queued:
        return
    hot = [lead.pk for lead in queued if lead.temperature == Temperature.HOT]
    waiting = Handoff.objects.waiting().filter(lead__in=[lead.pk for lead in queued])
    waiting.update(waits_as_hot=Case(When(lead__in=hot, then=True), default=False))


# The place of the first lead that waits for the pool of a member and that they did not decline.
# Leads wait for few different lists of pools, which are read one after the other from the index,
# and then the first of each list: the cost does not depend on how many wait.
FIRST_WAITING: Final = AlsoRead(
    expression=f"""(
        SELECT min(first.place) FROM lists CROSS JOIN LATERAL (
            SELECT ARRAY[
                (NOT waits_as_hot)::int,
                (extract(epoch FROM waits_since) * 1000000)::bigint, handoff.lead_id
            ] AS place
            FROM handoff_handoff AS handoff
            WHERE {WAITS} AND waits_for = lists.pools AND membership.user_id <> ALL(ARRAY(
                SELECT unnest(array_remove(ARRAY[
                    earlier.owner_id,
                    CASE WHEN earlier.state = 'rejected' THEN earlier.answered_by_id END
                ], NULL))
                FROM handoff_handoff AS earlier
                WHERE earlier.lead_id = handoff.lead_id
                    AND earlier.state IN ('rejected', 'expired')
            ))
            ORDER BY waits_as_hot DESC, waits_since, handoff.lead_id LIMIT 1
        ) AS first
        WHERE membership.team_id = ANY(lists.pools)
    )""",  # noqa: S608  (no input in it)
    tables=f"""WITH RECURSIVE lists AS (
        SELECT min(waits_for) AS pools FROM handoff_handoff WHERE {WAITS}
        UNION ALL
        SELECT (
            SELECT min(waits_for) FROM handoff_handoff WHERE {WAITS} AND waits_for > lists.pools
        ) FROM lists WHERE lists.pools IS NOT NULL
    )""",  # noqa: S608  (no input in it)
)
