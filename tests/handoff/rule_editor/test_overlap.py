from typing import Any

import pytest

from handoff.routing.overlap import covered_rules, covers
from handoff.routing.specs import RouteTarget, RuleSpec
from leads.criteria import parse

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
