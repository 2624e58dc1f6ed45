"""N-05: rules of which an earlier one takes all leads, or some of them."""

from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from handoff.routing.matching import match_rules
from handoff.routing.overlap import covered_rules, covers
from handoff.routing.specs import RouteTarget, RuleSpec
from leads.criteria import parse
from leads.field_catalog import CATALOG
from tests.core.criteria_strategies import facts, tree_data
from tests.examples import examples
from tests.handoff.routing_values import make_rule_set

DE_AT = {"field": "contact.country", "op": "one_of", "value": ["DE", "AT"]}
DE = {"field": "contact.country", "op": "is", "value": "DE"}
NOT_FR = {"field": "contact.country", "op": "is_not", "value": "FR"}
KNOWN = {"field": "contact.country", "op": "is_known"}
UNKNOWN = {"field": "contact.country", "op": "is_unknown"}
BIG = {"field": "company.employees", "op": "at_least", "value": 500}
MIDDLE = {"field": "company.employees", "op": "at_least", "value": 50}
RANGE = {"field": "company.employees", "op": "between", "value": [100, 200]}
SMALL = {"field": "company.employees", "op": "at_most", "value": 300}
TITLE = {"field": "contact.title", "op": "is", "value": "Head of IT"}
HEAD = {"field": "contact.title", "op": "starts_with", "value": "head"}


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        ({"all": []}, {"all": [DE]}, True),
        ({"all": [DE]}, {"all": []}, False),
        ({"all": [DE_AT]}, {"all": [DE, BIG]}, True),
        ({"all": [DE]}, {"all": [DE_AT]}, False),
        ({"all": [DE_AT, BIG]}, {"all": [DE]}, False),
        ({"any": [DE_AT, BIG]}, {"all": [DE]}, True),
        ({"all": [DE_AT]}, {"any": [DE, BIG]}, False),
        ({"all": [MIDDLE]}, {"any": [RANGE, BIG]}, True),
        ({"all": [SMALL]}, {"all": [RANGE]}, True),
        ({"all": [RANGE]}, {"all": [SMALL]}, False),
        ({"all": [NOT_FR]}, {"all": [DE]}, True),
        ({"all": [KNOWN]}, {"all": [NOT_FR]}, True),
        ({"all": [KNOWN]}, {"all": [UNKNOWN]}, False),
        ({"all": [UNKNOWN]}, {"all": [DE]}, False),
        ({"all": [NOT_FR]}, {"all": [UNKNOWN]}, False),
        ({"all": [HEAD]}, {"all": [TITLE]}, True),
    ],
)
def test_criteria_cover_others(earlier: Any, later: Any, expected: bool) -> None:
    assert covers(parse(earlier), parse(later)) is expected


def spec(number: int, criteria: Any, **parts: Any) -> RuleSpec:
    parts = {"target": RouteTarget.NURTURE, **parts}
    return RuleSpec(id=number, name=f"Rule {number}", criteria=parse(criteria), **parts)


def test_rule_behind_one_that_takes_its_leads_is_never_reached() -> None:
    rules = [spec(1, {"all": [DE_AT]}), spec(2, {"all": [DE]}), spec(3, {"all": [BIG]})]

    assert [(rule.id, cover.id) for rule, cover in covered_rules(rules)] == [(2, 1)]


def test_rule_that_passes_on_when_no_one_is_available_covers_nothing() -> None:
    first = spec(1, {"all": []}, target=RouteTarget.ACCOUNT_OWNER)

    assert list(covered_rules([first, spec(2, {"all": [DE]})])) == []


def test_rule_behind_a_queue_and_nurture_names_the_queue() -> None:
    rules = [
        spec(1, {"all": [DE_AT]}),
        spec(2, {"all": [DE]}, target=RouteTarget.QUEUE, team_id=1),
        spec(3, {"all": [DE, BIG]}, target=RouteTarget.QUEUE, team_id=1),
    ]

    assert [(rule.id, cover.id) for rule, cover in covered_rules(rules)] == [(2, 1), (3, 2)]


FEW_FIELDS = [
    CATALOG[code]
    for code in ("contact.country", "company.employees", "contact.title", "signal.demo_request")
]


@st.composite
def rule_lists(draw: st.DrawFn) -> list[RuleSpec]:
    """Rules about few fields, so that many cover others."""
    targets: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
        [
            {"target": RouteTarget.NURTURE},
            {"target": RouteTarget.QUEUE, "team_id": 1},
            {"target": RouteTarget.POOL, "team_id": 1, "fallback_queue_id": 2},
            {"target": RouteTarget.POOL, "team_id": 1},
        ]
    )
    trees = draw(st.lists(tree_data(FEW_FIELDS), min_size=2, max_size=4))
    return [spec(number, tree, **draw(targets)) for number, tree in enumerate(trees, start=1)]


@given(rules=rule_lists(), leads=st.lists(facts(FEW_FIELDS), max_size=5))
@examples(300)
def test_no_lead_reaches_a_rule_that_is_said_to_be_covered(
    rules: list[RuleSpec], leads: list[dict[str, Any]]
) -> None:
    covered = list(covered_rules(rules))
    event(f"{len(covered)} covered")

    for lead in leads:
        reached = match_rules(lead, make_rule_set(*rules)).rules
        for_sales = match_rules(lead, make_rule_set(*rules), for_sales=True).rules
        for rule, cover in covered:
            assert rule not in reached
            assert rule not in for_sales or cover.target is RouteTarget.NURTURE
