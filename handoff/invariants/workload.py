"""Check that what is kept about the workload is what can be counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from core.invariants import Check, Violation
from core.raw_sql import fetch_rows

# One statement, so that nothing is offered or answered in between.
DIFFERENCES: Final = """
SELECT user_id, sum(offered), sum(accepted)
FROM (
    SELECT user_id, offered, accepted FROM handoff_workloadchange
    UNION ALL
    SELECT owner_id, -(state = 'offered')::int, -(state = 'accepted')::int FROM handoff_handoff
    WHERE closed_at IS NULL AND owner_id IS NOT NULL
) AS change
GROUP BY user_id HAVING sum(offered) <> 0 OR sum(accepted) <> 0 ORDER BY user_id
"""


def workload_is_what_is_open(at: datetime) -> Iterator[Violation]:
    for user_id, offered, accepted in fetch_rows(DIFFERENCES):
        yield Violation(
            f"user {user_id}",
            f"their workload is off by {offered:+} offered and {accepted:+} accepted handoffs",
        )


CHECKS: Final[Mapping[str, Check]] = {
    "the workload of everyone is what they have open": workload_is_what_is_open,
}
