"""Read the candidates of a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handoff.assignment.eligibility import Candidate
from handoff.assignment.pools import PoolAssigner
from handoff.routing.specs import RouteTarget, RuleSpec


def candidates_of(
    rule: RuleSpec, pools: PoolAssigner, named: Mapping[RouteTarget, int | None]
) -> Sequence[Candidate]:
    """`named` has the user of each target that depends on the company."""
    if rule.target is RouteTarget.POOL and rule.team_id is not None:
        return pools.pool(rule.team_id)
    user_id = rule.user_id if rule.target is RouteTarget.PERSON else named.get(rule.target)
    return pools.person(user_id) if user_id is not None else []
