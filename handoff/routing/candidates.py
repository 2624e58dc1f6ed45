"""Read the candidates of a rule."""

from __future__ import annotations

from collections.abc import Sequence

from handoff.assignment.eligibility import Candidate
from handoff.assignment.pools import PoolAssigner
from handoff.routing.specs import RouteTarget, RuleSpec


def candidates_of(
    rule: RuleSpec, pools: PoolAssigner, *, account_owner_id: int | None
) -> Sequence[Candidate]:
    if rule.target is RouteTarget.POOL and rule.team_id is not None:
        return pools.pool(rule.team_id)
    user_id = rule.user_id if rule.target is RouteTarget.PERSON else account_owner_id
    return pools.person(user_id) if user_id is not None else []
