"""Keep how many handoffs each user has open, as a sum of changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Final

from django.db import connection

MAX_MERGED: Final = 100_000
OPEN_HANDOFFS: Final = """
SELECT user_id, sum(offered + accepted) FROM handoff_workloadchange
WHERE user_id = ANY(%s::bigint[]) GROUP BY user_id
"""
# One statement, so that everyone sees either the changes or their sum. A change that is added
# meanwhile stays for the next run, and one that another run has locked is left to it.
MERGE: Final = """
WITH several AS (
    SELECT user_id FROM handoff_workloadchange GROUP BY user_id HAVING count(*) > 1
), locked AS (
    SELECT id FROM handoff_workloadchange WHERE user_id IN (SELECT user_id FROM several)
    LIMIT %s FOR UPDATE SKIP LOCKED
), removed AS (
    DELETE FROM handoff_workloadchange AS change USING locked WHERE change.id = locked.id
    RETURNING user_id, offered, accepted
), added AS (
    INSERT INTO handoff_workloadchange (user_id, offered, accepted)
    SELECT user_id, sum(offered), sum(accepted) FROM removed GROUP BY user_id
    HAVING sum(offered) <> 0 OR sum(accepted) <> 0
)
SELECT count(*) FROM removed
"""


def open_handoffs(user_ids: Collection[int]) -> Counter[int]:
    """Return how many handoffs each user has open, with those of this transaction."""
    if not user_ids:
        return Counter()
    with connection.cursor() as cursor:
        cursor.execute(OPEN_HANDOFFS, [list(user_ids)])
        return Counter(dict(cursor.fetchall()))


def merge_changes() -> int:
    """Replace the changes of each user by their sum, and return how many were replaced."""
    with connection.cursor() as cursor:
        cursor.execute(MERGE, [MAX_MERGED])
        merged: int = cursor.fetchall()[0][0]
    return merged
