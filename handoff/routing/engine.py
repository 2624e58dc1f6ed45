"""Where a lead goes, and why: values in, a decision with its whole trace out.

In two steps, so that a caller locks only the pools that matter: `match` tries the rules and needs
nobody, `choose` then asks for the people of one matching rule after the other.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from core.criteria.explain import Explanation
from core.criteria.fields import Facts
from core.criteria.tree import EVERY_LEAD
from handoff.assignment.round_robin import Turn, take_turn
from handoff.routing.specs import Candidate, RouteTarget, RuleSetSpec, RuleSpec
from leads.field_catalog import CATALOG

# The people a rule may pick from, in no particular order; the caller may lock them as it goes.
PeopleOf = Callable[[RuleSpec], Sequence[Candidate]]

MISSING_MEANS_NURTURE: Final = 2
OUTSIDE_HOURS: Final = "outside working hours"


@dataclass(frozen=True)
class RuleMatch:
    """The rules that were tried, in order, and those of them that hold for this lead."""

    version: int
    missing: tuple[str, ...]
    tried: tuple[tuple[RuleSpec, Explanation], ...]
    rules: tuple[RuleSpec, ...]

    @property
    def team_ids(self) -> tuple[int, ...]:
        """The pools that may be asked, in the order in which they would be."""
        pools = (rule.team_id for rule in self.rules if rule.target is RouteTarget.POOL)
        return tuple(dict.fromkeys(team_id for team_id in pools if team_id is not None))


@dataclass(frozen=True)
class Decision:
    """`rule_id` is None when no rule was tried; `trace` is JSON and is kept for good (N-02).

    `team_id` is the pool or queue, or the team of the person whom a rule or an account names: it
    is asked for a colleague when they are late.
    """

    rule_id: int | None
    target: RouteTarget
    because: str
    trace: dict[str, Any]
    user_id: int | None = None
    team_id: int | None = None
    policy_code: str = ""
    turn: Turn | None = None


@dataclass(frozen=True)
class Asked:
    """What came of asking for the people of one matching rule."""

    people: Sequence[Candidate]
    excluded: dict[int, str]
    turn: Turn | None


def decide(facts: Facts, rule_set: RuleSetSpec, people_of: PeopleOf, *, seed: int) -> Decision:
    return choose(match(facts, rule_set), people_of, seed=seed)


def matching_rules(facts: Facts, rule_set: RuleSetSpec) -> Iterator[RuleSpec]:
    """The rules that hold, without a trace: for replays and dry runs over many leads."""
    for rule in rule_set.rules:
        if rule.holds(facts) is True:
            yield rule
            if rule.always_ends:
                return


def match(facts: Facts, rule_set: RuleSetSpec) -> RuleMatch:
    missing = missing_fields(facts, rule_set)
    if len(missing) >= MISSING_MEANS_NURTURE:
        return RuleMatch(rule_set.version, missing, (), ())
    tried: list[tuple[RuleSpec, Explanation]] = []
    matching: list[RuleSpec] = []
    for rule in rule_set.rules:
        explanation = rule.explain(facts)
        tried.append((rule, explanation))
        if explanation["passed"] is True:
            matching.append(rule)
            if rule.always_ends:
                break
    return RuleMatch(rule_set.version, missing, tuple(tried), tuple(matching))


def missing_fields(facts: Facts, rule_set: RuleSetSpec) -> tuple[str, ...]:
    return tuple(
        code
        for code in rule_set.required_fields
        if facts.get(code) in (None, "") and CATALOG[code].when_absent is None
    )


def choose(match: RuleMatch, people_of: PeopleOf, *, seed: int) -> Decision:
    """The first matching rule whose target yields somebody wins; the last one always does."""
    if len(match.missing) >= MISSING_MEANS_NURTURE:
        return _nurture_for_lack_of_facts(match, seed)
    asked: dict[int, Asked] = {}
    for rule in match.rules:
        if not rule.needs_people:
            return _place(match, rule, asked, seed)
        asked[rule.id] = _ask(rule, people_of(rule), seed)
        if turn := asked[rule.id].turn:
            return _give(match, rule, asked, turn, seed)
        if rule.fallback_queue_id is not None:
            return _fall_back(match, rule, asked, seed)
    raise AssertionError("a rule set ends with a queue for every lead")


def with_turn(people: Sequence[Candidate], turn: Turn, at: datetime) -> list[Candidate]:
    """The pool after a turn, for the next lead of a batch."""
    return [
        replace(
            one,
            balance=turn.after[one.user_id],
            open_count=one.open_count + (one.user_id == turn.user_id),
            last_turn_at=at if one.user_id == turn.user_id else one.last_turn_at,
        )
        if one.user_id in turn.after
        else one
        for one in people
    ]


def why_excluded(candidate: Candidate, rule: RuleSpec) -> str:
    """The first reason why this person cannot get the lead; empty when they can."""
    if away := why_away(
        is_active=candidate.is_active,
        may_answer=candidate.may_answer,
        is_absent=candidate.is_absent,
    ):
        return away
    if candidate.has_declined:
        return "declined it or let it lapse"
    if rule.requires_working_hours and not candidate.is_within_hours:
        return OUTSIDE_HOURS
    if candidate.capacity is not None and candidate.open_count >= candidate.capacity:
        return at_capacity(candidate.open_count, candidate.capacity)
    return ""


def why_away(*, is_active: bool, may_answer: bool, is_absent: bool) -> str:
    if not is_active:
        return "no longer active"
    if not may_answer:
        return "may not answer leads"
    return "absent" if is_absent else ""


def at_capacity(open_count: int, capacity: int) -> str:
    return f"at capacity: {open_count} of {capacity}"


def _ask(rule: RuleSpec, candidates: Sequence[Candidate], seed: int) -> Asked:
    people = sorted(candidates, key=lambda one: one.user_id)
    excluded = {one.user_id: why_excluded(one, rule) for one in people}
    eligible = [one for one in people if not excluded[one.user_id]]
    return Asked(people, excluded, take_turn(eligible, seed=seed) if eligible else None)


def _nurture_for_lack_of_facts(match: RuleMatch, seed: int) -> Decision:
    labels = " and ".join(CATALOG[code].label for code in match.missing)
    because = f"Still unknown: {labels}. Marketing nurtures it until sales can judge it."
    trace = _trace(match, None, {}, RouteTarget.NURTURE, seed)
    return Decision(None, RouteTarget.NURTURE, because, trace)


def _place(match: RuleMatch, rule: RuleSpec, asked: dict[int, Asked], seed: int) -> Decision:
    """Into a queue or to nurture: no one person gets it."""
    if rule.target is RouteTarget.NURTURE:
        where = "Marketing nurtures it for now."
    else:
        where = f"It waits in the queue {rule.team_name} for somebody to take it."
    return Decision(
        rule_id=rule.id,
        target=rule.target,
        because=f"{_why_this_rule(rule)} {where}",
        trace=_trace(match, rule, asked, rule.target, seed),
        team_id=rule.team_id if rule.target is RouteTarget.QUEUE else None,
        policy_code=rule.policy_code,
    )


def _give(
    match: RuleMatch, rule: RuleSpec, asked: dict[int, Asked], turn: Turn, seed: int
) -> Decision:
    chosen = next(one for one in asked[rule.id].people if one.user_id == turn.user_id)
    return Decision(
        rule_id=rule.id,
        target=rule.target,
        because=f"{_why_this_rule(rule)} {_why_this_person(rule, asked[rule.id], turn, chosen)}",
        trace=_trace(match, rule, asked, rule.target, seed),
        user_id=turn.user_id,
        team_id=rule.team_id if rule.target is RouteTarget.POOL else chosen.team_id,
        policy_code=rule.policy_code,
        turn=turn if rule.target is RouteTarget.POOL else None,
    )


def _fall_back(match: RuleMatch, rule: RuleSpec, asked: dict[int, Asked], seed: int) -> Decision:
    where = f"Nobody could take it now, so it waits in the queue {rule.fallback_queue_name}."
    return Decision(
        rule_id=rule.id,
        target=RouteTarget.QUEUE,
        because=f"{_why_this_rule(rule)} {where}",
        trace=_trace(match, rule, asked, RouteTarget.QUEUE, seed),
        team_id=rule.fallback_queue_id,
        policy_code=rule.policy_code,
    )


def _why_this_rule(rule: RuleSpec) -> str:
    if rule.criteria == EVERY_LEAD:
        return f"“{rule.name}” takes every lead."
    return f"“{rule.name}” takes it: {rule.words}."


def _why_this_person(rule: RuleSpec, asked: Asked, turn: Turn, chosen: Candidate) -> str:
    if rule.target is RouteTarget.ACCOUNT_OWNER:
        return f"{chosen.name} owns the account."
    if rule.target is RouteTarget.PERSON:
        return f"The rule names {chosen.name}."
    return whose_turn(chosen.name, turn, among=len(asked.people))


def whose_turn(name: str, turn: Turn, *, among: int) -> str:
    """Whoever is eligible has a balance after the turn."""
    settled = {"balance": "", "wait": ", after the longest wait", "lot": ", by lot"}
    pool = f"{len(turn.after)} of {among} in the pool could take it"
    return f"It was the turn of {name}{settled[turn.settled_by]}; {pool}."


def _trace(
    match: RuleMatch,
    winner: RuleSpec | None,
    asked: dict[int, Asked],
    target: RouteTarget,
    seed: int,
) -> dict[str, Any]:
    """Every rule up to the winner, each condition with what it saw, and everybody asked."""
    rules = []
    for rule, explanation in match.tried:
        rules.append(_tried(rule, explanation, winner, asked.get(rule.id)))
        if rule is winner:
            break
    return {
        "version": match.version,
        "seed": seed,
        "missing": list(match.missing),
        "rules": rules,
        "target": target.value,
    }


def _tried(
    rule: RuleSpec, explanation: Explanation, winner: RuleSpec | None, asked: Asked | None
) -> dict[str, Any]:
    tried: dict[str, Any] = {"id": rule.id, "name": rule.name, "criteria": explanation}
    passed = explanation["passed"]
    if passed is not True:
        return {**tried, "outcome": "unknown" if passed is None else "no_match"}
    tried["outcome"] = "chosen" if rule is winner else "nobody"
    if asked:
        tried["people"] = [_seen(one, rule, asked) for one in asked.people]
        if asked.turn and rule.target is RouteTarget.POOL:
            tried["settled_by"] = asked.turn.settled_by
    return tried


def _seen(one: Candidate, rule: RuleSpec, asked: Asked) -> dict[str, Any]:
    after = asked.turn.after if asked.turn and rule.target is RouteTarget.POOL else {}
    return as_seen(
        one.user_id,
        one.name,
        excluded=asked.excluded[one.user_id],
        before=one.balance,
        after=after.get(one.user_id, one.balance),
    )


def as_seen(user_id: int, name: str, *, excluded: str, before: int, after: int) -> dict[str, Any]:
    """Somebody who was asked, as every trace keeps them."""
    return {
        "user_id": user_id,
        "name": name,
        "excluded": excluded,
        "balance_before": before,
        "balance_after": after,
    }
