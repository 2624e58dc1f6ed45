"""Decide where a lead goes: values in, a decision with its whole trace out."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.criteria.fields import Facts
from handoff.assignment import engine as assignment
from handoff.assignment.eligibility import (
    Candidate,
    EligibilityPolicy,
    Place,
    exclude_decliners,
)
from handoff.assignment.engine import Selection
from handoff.assignment.strategies import Strategy, named_person, weighted_round_robin
from handoff.routing import trace
from handoff.routing.matching import RuleMatch, match_rules
from handoff.routing.specs import RouteTarget, RuleSetSpec, RuleSpec, pool_ids_of

# Called for one matching rule after the other, so that only pools that matter are locked.
CandidatesOf = Callable[[RuleSpec], Sequence[Candidate]]

STRATEGIES: Final[dict[RouteTarget, Strategy]] = {
    RouteTarget.ACCOUNT_OWNER: named_person,
    RouteTarget.COMPANY_REP: named_person,
    RouteTarget.PERSON: named_person,
    RouteTarget.POOL: weighted_round_robin,
}


@dataclass(frozen=True)
class Decision:
    """`rule_id` is None when no rule was evaluated; `trace` is JSON and is never deleted.

    `team_id` is the pool or queue, or the team of the person whom a rule or an account names: a
    colleague of that team gets the lead when they are late. `selection` has someone chosen.
    `waits_for` has the pools in which no one was available, if that is why a queue has the lead.
    """

    rule_id: int | None
    target: RouteTarget
    because: str
    trace: dict[str, Any]
    team_id: int | None = None
    policy_code: str = ""
    selection: Selection | None = None
    waits_for: tuple[int, ...] | None = None

    @property
    def owner(self) -> Candidate | None:
        return self.selection.chosen if self.selection else None

    @property
    def user_id(self) -> int | None:
        return self.owner.user_id if self.owner else None


def decide(
    facts: Facts, rule_set: RuleSetSpec, candidates_of: CandidatesOf, *, seed: int
) -> Decision:
    return choose(match_rules(facts, rule_set), candidates_of, seed=seed)


def choose(
    match: RuleMatch,
    candidates_of: CandidatesOf,
    *,
    seed: int,
    declined: Collection[int] = (),
    place: Place | None = None,
) -> Decision:
    """Return the decision of the first matching rule that has someone available.

    The last rule always decides: its target is a queue. `declined` are users who rejected this
    lead or let it expire. With a `place`, leads that wait before it go first.
    """
    if match.lacks_facts:
        return _nurture_for_lack_of_facts(match, seed)
    selections: dict[int, Selection] = {}
    for rule in match.rules:
        if not rule.needs_people:
            return _place(match, rule, selections, seed)
        selection = assignment.select(
            candidates_of(rule),
            _policy(rule, declined, place),
            strategy=STRATEGIES[rule.target],
            seed=seed,
        )
        selections[rule.id] = selection
        if selection.chosen is not None:
            return _assign(match, rule, selections, seed)
        if rule.fallback_queue_id is not None:
            return _fall_back(match, rule, selections, seed)
    raise AssertionError("a rule set ends with a queue for every lead")


def _policy(rule: RuleSpec, declined: Collection[int], place: Place | None) -> EligibilityPolicy:
    """Capacity and waiting are matters of pools: a named person gets the lead anyway."""
    is_pool = rule.target is RouteTarget.POOL
    return exclude_decliners(
        declined,
        requires_working_hours=rule.requires_working_hours,
        checks_capacity=is_pool,
        place=place if is_pool else None,
    )


def _waits_for(match: RuleMatch, selections: Mapping[int, Selection]) -> tuple[int, ...] | None:
    """Return the pools in which no one was available; empty if only named people were asked."""
    rules = [rule for rule in match.rules if rule.id in selections]
    pool_ids = pool_ids_of(rules)
    is_awaited = pool_ids or any(selections[rule.id].candidates for rule in rules)
    return pool_ids if is_awaited else None


def _nurture_for_lack_of_facts(match: RuleMatch, seed: int) -> Decision:
    target = RouteTarget.NURTURE
    return Decision(
        rule_id=None,
        target=target,
        because=trace.missing_text(match),
        trace=trace.trace_as_json(match, None, {}, target=target, seed=seed),
    )


def _place(
    match: RuleMatch, rule: RuleSpec, selections: dict[int, Selection], seed: int
) -> Decision:
    """Put the lead into a queue or into nurture."""
    return Decision(
        rule_id=rule.id,
        target=rule.target,
        because=trace.place_text(rule),
        trace=trace.trace_as_json(match, rule, selections, target=rule.target, seed=seed),
        team_id=rule.team_id if rule.target is RouteTarget.QUEUE else None,
        policy_code=rule.policy_code,
        waits_for=_waits_for(match, selections) if rule.target is RouteTarget.QUEUE else None,
    )


def _assign(
    match: RuleMatch, rule: RuleSpec, selections: dict[int, Selection], seed: int
) -> Decision:
    selection = selections[rule.id]
    assert selection.chosen is not None
    return Decision(
        rule_id=rule.id,
        target=rule.target,
        because=trace.person_text(rule, selection),
        trace=trace.trace_as_json(match, rule, selections, target=rule.target, seed=seed),
        team_id=rule.team_id if rule.target is RouteTarget.POOL else selection.chosen.team_id,
        policy_code=rule.policy_code,
        selection=selection,
    )


def _fall_back(
    match: RuleMatch, rule: RuleSpec, selections: dict[int, Selection], seed: int
) -> Decision:
    target = RouteTarget.QUEUE
    return Decision(
        rule_id=rule.id,
        target=target,
        because=trace.fallback_text(rule),
        trace=trace.trace_as_json(match, rule, selections, target=target, seed=seed),
        team_id=rule.fallback_queue_id,
        policy_code=rule.policy_code,
        waits_for=_waits_for(match, selections),
    )
