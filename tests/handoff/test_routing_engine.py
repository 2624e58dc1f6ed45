"""Routing decisions, made without a database."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.criteria.tree import EVERY_LEAD
from handoff.assignment.eligibility import (
    Candidate,
    Exclusion,
    exclude_decliners,
    exclude_previous_owners,
    why_excluded,
)
from handoff.assignment.engine import after_assignment
from handoff.assignment.round_robin import ONE_LEAD
from handoff.assignment.trace import exclusion_text
from handoff.routing.engine import Decision, choose, decide
from handoff.routing.matching import match_rules, matching_rules
from handoff.routing.specs import (
    BadRuleSet,
    RouteTarget,
    RuleSetSpec,
    RuleSpec,
    rule_set_as_json,
    rule_set_from_json,
)
from leads.criteria import parse
from tests.core.criteria_strategies import facts, tree_data
from tests.examples import examples
from tests.handoff.routing_values import (
    QUALIFICATION,
    make_candidate,
    make_last_rule,
    make_rule,
    make_rule_set,
    people,
)

LARGE = {"company.employees": 900}
SMALL = {"company.employees": 20}
ANA, BEN, CAI = make_candidate(1), make_candidate(2), make_candidate(3)
GERMANY = parse({"field": "company.country", "op": "is", "value": "DE"})


def outcomes(decision: Decision) -> list[tuple[int, str]]:
    return [(rule["id"], rule["outcome"]) for rule in decision.trace["rules"]]


def test_first_matching_rule_wins_and_says_why() -> None:
    rules = make_rule_set(
        make_rule(1, name="Germany", criteria=GERMANY, team_id=10),
        make_rule(2, name="Enterprise", team_id=20, policy_code="urgent"),
        make_rule(3, name="Also enterprise", team_id=30),
    )

    decision = decide(LARGE, rules, people(ANA, make_candidate(2, is_absent=True)), seed=7)

    assert (decision.rule_id, decision.target) == (2, RouteTarget.POOL)
    assert (decision.user_id, decision.team_id, decision.policy_code) == (1, 20, "urgent")
    assert decision.because == (
        "Assigned to Ana Lima by the rule “Enterprise” because "
        "Company size is at least 500 employees. "
        "Round robin selected Ana Lima: 1 of 2 in the pool was available."
    )
    assert outcomes(decision) == [(1, "unknown"), (2, "chosen")]


def test_trace_shows_every_condition_and_candidate() -> None:
    rules = make_rule_set(make_rule(1))
    pool = people(
        make_candidate(1, balance=ONE_LEAD), BEN, make_candidate(3, open_count=8, capacity=8)
    )

    decision = decide(LARGE, rules, pool, seed=7)

    assert decision.trace == {
        "version": 3,
        "seed": 7,
        "missing": [],
        "rules": [
            {
                "id": 1,
                "name": "Enterprise",
                "criteria": {
                    "field": "company.employees",
                    "words": "Company size is at least 500 employees",
                    "actual": 900,
                    "passed": True,
                },
                "outcome": "chosen",
                "people": [
                    {
                        "user_id": 1,
                        "name": "Ana Lima",
                        "excluded": "",
                        "balance_before": ONE_LEAD,
                        "balance_after": ONE_LEAD // 2,
                    },
                    {
                        "user_id": 2,
                        "name": "Ben Ode",
                        "excluded": "",
                        "balance_before": 0,
                        "balance_after": ONE_LEAD // 2,
                    },
                    {
                        "user_id": 3,
                        "name": "Cai Wu",
                        "excluded": "at capacity: 8 of 8",
                        "balance_before": 0,
                        "balance_after": 0,
                    },
                ],
                "settled_by": "balance",
            }
        ],
        "target": "pool",
    }
    assert json.loads(json.dumps(decision.trace)) == decision.trace


def test_unknown_conditions_do_not_match() -> None:
    rules = make_rule_set(make_rule(1), make_rule(2, criteria=GERMANY))

    decision = decide({"company.country": "BR"}, rules, people(ANA), seed=7)

    assert (decision.rule_id, decision.target) == (99, RouteTarget.QUEUE)
    assert (decision.user_id, decision.team_id) == (None, QUALIFICATION)
    assert decision.because == (
        "Assigned to the Qualification queue by the rule “Everyone else”, which matches all leads."
    )
    assert outcomes(decision) == [(1, "unknown"), (2, "no_match"), (99, "chosen")]


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (ANA, ""),
        (make_candidate(is_active=False, is_absent=True), "no longer active"),
        (make_candidate(is_absent=True), "absent"),
        (make_candidate(may_answer=False), "may not answer leads"),
        (make_candidate(4), "declined it or let it expire"),
        (make_candidate(is_within_hours=False), "outside working hours"),
        (make_candidate(open_count=8, capacity=8), "at capacity: 8 of 8"),
        (make_candidate(open_count=9, capacity=8), "at capacity: 9 of 8"),
        (make_candidate(open_count=0, capacity=0), "at capacity: 0 of 0"),
        (make_candidate(open_count=7, capacity=8), ""),
        (make_candidate(open_count=500), ""),
    ],
)
def test_each_exclusion_has_its_reason(candidate: Candidate, reason: str) -> None:
    policy = exclude_decliners([4], requires_working_hours=True, checks_capacity=True)

    assert exclusion_text(candidate, why_excluded(candidate, policy)) == reason


def test_previous_owners_are_excluded_from_reassignment() -> None:
    policy = exclude_previous_owners([1])

    assert why_excluded(ANA, policy) is Exclusion.HAD_IT
    assert why_excluded(BEN, policy) is None


def test_working_hours_count_only_when_the_policy_says_so() -> None:
    asleep = make_candidate(is_within_hours=False)

    assert why_excluded(asleep, exclude_previous_owners([])) is None


def test_capacity_does_not_exclude_a_named_person() -> None:
    full = make_candidate(1, open_count=8, capacity=8)
    rule = make_rule(target=RouteTarget.PERSON, user_id=1, team_id=None)

    assert decide(LARGE, make_rule_set(rule), people(full), seed=7).user_id == 1


def test_next_matching_rule_is_tried_when_no_one_is_eligible() -> None:
    rules = make_rule_set(make_rule(1, team_id=10), make_rule(2, team_id=20))
    pools: dict[int | None, Sequence[Candidate]] = {
        10: [make_candidate(1, is_absent=True)],
        20: [BEN],
    }

    decision = decide(LARGE, rules, lambda rule: pools[rule.team_id], seed=7)

    assert (decision.rule_id, decision.user_id) == (2, 2)
    assert outcomes(decision) == [(1, "nobody"), (2, "chosen")]
    assert decision.trace["rules"][0]["people"][0]["excluded"] == "absent"


def test_rule_may_name_a_fallback_queue() -> None:
    rule = make_rule(1, fallback_queue_id=55, fallback_queue_name="Enterprise inbound")
    rules = make_rule_set(rule, make_rule(2, team_id=20))

    decision = decide(LARGE, rules, people(), seed=7)

    assert (decision.rule_id, decision.target, decision.team_id) == (1, RouteTarget.QUEUE, 55)
    assert decision.user_id is None
    assert decision.selection is None
    assert decision.because.endswith("No one was available.")


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (make_rule(target=RouteTarget.ACCOUNT_OWNER, team_id=None), "Ana Lima owns the account."),
        (make_rule(target=RouteTarget.PERSON, user_id=1, team_id=None), "The rule names Ana Lima."),
    ],
)
def test_named_person_gets_the_lead_without_round_robin(rule: RuleSpec, sentence: str) -> None:
    decision = decide(LARGE, make_rule_set(rule), people(make_candidate(1, team_id=40)), seed=7)

    assert (decision.user_id, decision.team_id) == (1, 40)
    assert decision.selection is not None
    assert decision.selection.round_robin is None
    assert decision.because.endswith(sentence)
    assert decision.trace["rules"][0]["people"][0]["balance_after"] == 0


def test_rule_may_send_to_nurture() -> None:
    rule = make_rule(target=RouteTarget.NURTURE, team_id=None)

    decision = decide(LARGE, make_rule_set(rule), people(), seed=7)

    assert (decision.rule_id, decision.target) == (1, RouteTarget.NURTURE)
    assert (decision.user_id, decision.team_id) == (None, None)


def test_two_missing_required_fields_mean_nurture() -> None:
    required = ("company.employees", "contact.title", "contact.has_phone")
    rules = make_rule_set(make_rule(1), required_fields=required)

    decision = decide({"contact.title": ""}, rules, people(ANA), seed=7)

    assert (decision.rule_id, decision.target) == (None, RouteTarget.NURTURE)
    assert decision.because == (
        "Moved to nurture because these are unknown: Company size and Title."
    )
    assert decision.trace["missing"] == ["company.employees", "contact.title"]
    assert decision.trace["rules"] == []


def test_one_missing_required_field_is_noted_in_the_trace() -> None:
    rules = make_rule_set(
        make_rule(1), required_fields=("company.employees", "contact.title", "signal.form")
    )

    decision = decide(LARGE, rules, people(ANA), seed=7)

    assert decision.rule_id == 1
    assert decision.trace["missing"] == ["contact.title"]


def test_only_needed_pools_of_matching_rules_are_read() -> None:
    rules = make_rule_set(
        make_rule(1, criteria=GERMANY, team_id=10),
        make_rule(2, team_id=20),
        make_rule(3, team_id=30),
    )
    read: list[int | None] = []

    def locked(rule: RuleSpec) -> list[Candidate]:
        read.append(rule.team_id)
        return [ANA]

    result = match_rules(LARGE, rules)
    assert result.pool_ids == (20, 30)
    assert read == []
    choose(result, locked, seed=7)

    assert read == [20]


def test_same_input_and_seed_replay_to_the_same_decision() -> None:
    rules = make_rule_set(make_rule(1))

    first = decide(LARGE, rules, people(ANA, BEN, CAI), seed=7)

    assert decide(LARGE, rules, people(CAI, ANA, BEN), seed=7) == first
    others = {decide(LARGE, rules, people(ANA, BEN, CAI), seed=seed).user_id for seed in range(20)}
    assert others == {1, 2, 3}


def test_batch_uses_the_pool_as_each_lead_leaves_it() -> None:
    monday = datetime(2026, 3, 2, 9, tzinfo=UTC)
    rules = make_rule_set(make_rule(1))
    pool = [make_candidate(1, capacity=2), make_candidate(2), make_candidate(3, is_absent=True)]

    got = []
    for number in range(6):
        decision = decide(LARGE, rules, people(*pool), seed=number)
        assert decision.selection is not None
        assert decision.selection.round_robin is not None
        got.append(decision.user_id)
        pool = after_assignment(pool, decision.selection.round_robin, monday)

    assert got.count(1) == 2
    assert got[4:] == [2, 2]
    assert [member.open_count for member in pool] == [2, 4, 0]
    assert sum(member.balance for member in pool) == 0
    assert pool[2] == make_candidate(3, is_absent=True)


@pytest.mark.parametrize(
    "rules",
    [
        (),
        (make_rule(1),),
        (make_rule(1, criteria=EVERY_LEAD, target=RouteTarget.NURTURE, team_id=None),),
        (make_last_rule(), make_rule(1)),
        (make_rule(1, target=RouteTarget.QUEUE),),
    ],
)
def test_rule_set_without_a_final_queue_is_refused(
    rules: tuple[RuleSpec, ...],
) -> None:
    with pytest.raises(BadRuleSet, match="The last rule must assign all leads to a queue"):
        RuleSetSpec(1, rules)


def test_incomplete_rules_and_unknown_required_fields_are_refused() -> None:
    with pytest.raises(BadRuleSet, match="“Enterprise” names no team"):
        make_rule(team_id=None)
    with pytest.raises(BadRuleSet, match="“Enterprise” names no person"):
        make_rule(target=RouteTarget.PERSON)
    with pytest.raises(BadRuleSet, match="no field “company.staff”"):
        make_rule_set(required_fields=("company.staff",))


def test_team_ids_are_in_the_order_of_the_rules() -> None:
    rules = make_rule_set(
        make_rule(1, team_id=20),
        make_rule(2, target=RouteTarget.PERSON, user_id=4, team_id=None, fallback_queue_id=5),
        make_rule(3, team_id=10),
        make_rule(4, team_id=20),
    )

    assert rules.team_ids == (20, 10, QUALIFICATION)


def test_rule_set_survives_a_json_round_trip() -> None:
    rules = make_rule_set(
        make_rule(1, rationale="They buy.", requires_working_hours=True, policy_code="hot"),
        make_rule(2, target=RouteTarget.PERSON, user_id=4, team_id=None, fallback_queue_id=5),
        required_fields=("contact.title",),
    )

    assert rule_set_from_json(json.loads(json.dumps(rule_set_as_json(rules)))) == rules


@given(st.lists(tree_data(), max_size=4), facts())
@examples(100)
def test_matching_without_trace_finds_the_same_rules(
    trees: list[dict[str, Any]], facts: dict[str, Any]
) -> None:
    rules = make_rule_set(
        *(make_rule(place, criteria=parse(tree)) for place, tree in enumerate(trees))
    )

    assert tuple(matching_rules(facts, rules)) == match_rules(facts, rules).rules
