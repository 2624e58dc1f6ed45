"""The order in which leads wait for a pool: hot ones first, then by when they became ready."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from handoff.assignment.eligibility import Place
from leads.models import Lead, Temperature
from people.availability import AlsoRead

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def waiting_place(lead: Lead, *, since: datetime) -> Place:
    is_not_hot = int(lead.temperature != Temperature.HOT)
    return Place(is_not_hot, (since - EPOCH) // timedelta(microseconds=1), lead.pk)


# The place of the first lead that waits for the pool of a member and that they did not decline.
FIRST_WAITING: Final = AlsoRead(
    expression="""(
        SELECT min(place) FROM waiting
        WHERE membership.team_id = ANY(pools) AND membership.user_id <> ALL(decliners)
    )""",
    tables="""WITH waiting AS MATERIALIZED (
        SELECT handoff.waits_for AS pools,
            ARRAY[
                (lead.temperature <> 'hot')::int,
                (extract(epoch FROM lead.stage_entered_at) * 1000000)::bigint, lead.id
            ] AS place,
            array_remove(ARRAY(
                SELECT unnest(ARRAY[
                    earlier.owner_id,
                    CASE WHEN earlier.state = 'rejected' THEN earlier.answered_by_id END
                ])
                FROM handoff_handoff AS earlier
                WHERE earlier.lead_id = lead.id AND earlier.state IN ('rejected', 'expired')
            ), NULL) AS decliners
        FROM handoff_handoff AS handoff JOIN leads_lead AS lead ON lead.id = handoff.lead_id
        WHERE handoff.closed_at IS NULL AND handoff.owner_id IS NULL
            AND handoff.waits_for IS NOT NULL AND handoff.waits_for && %(teams)s::bigint[]
    )""",
)
