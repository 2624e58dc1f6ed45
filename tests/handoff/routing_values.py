"""Rules, rule sets and people for tests of the pure routing engine."""

from collections.abc import Callable, Sequence
from typing import Any

from core.criteria.tree import EVERY_LEAD, Tree
from handoff.assignment.eligibility import Candidate
from handoff.routing.specs import RouteTarget, RuleSetSpec, RuleSpec
from leads.criteria import parse

ENTERPRISE = parse({"field": "company.employees", "op": "at_least", "value": 500})
QUALIFICATION = 90


def make_rule(
    rule_id: int = 1,
    *,
    name: str = "Enterprise",
    criteria: Tree = ENTERPRISE,
    target: RouteTarget = RouteTarget.POOL,
    team_id: int | None = 10,
    **fields: Any,
) -> RuleSpec:
    return RuleSpec(
        id=rule_id, name=name, criteria=criteria, target=target, team_id=team_id, **fields
    )


def make_last_rule() -> RuleSpec:
    return make_rule(
        99,
        name="Everyone else",
        criteria=EVERY_LEAD,
        target=RouteTarget.QUEUE,
        team_id=QUALIFICATION,
        team_name="Qualification",
    )


def make_rule_set(*rules: RuleSpec, required_fields: tuple[str, ...] = ()) -> RuleSetSpec:
    return RuleSetSpec(3, (*rules, make_last_rule()), required_fields)


def make_candidate(user_id: int = 1, **fields: Any) -> Candidate:
    names = {1: "Ana Lima", 2: "Ben Ode", 3: "Cai Wu"}
    return Candidate(user_id, names.get(user_id, f"Person {user_id}"), **fields)


def people(*candidates: Candidate) -> Callable[[RuleSpec], Sequence[Candidate]]:
    return lambda rule: candidates
