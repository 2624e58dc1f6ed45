from typing import Any

from handoff.admin.rule_editor.reach import count_reach
from handoff.routing.specs import RouteTarget, RuleSpec
from leads.criteria import parse


def spec(number: int, target: RouteTarget, criteria: Any) -> RuleSpec:
    return RuleSpec(number, f"Rule {number}", parse(criteria), target, team_id=1)


DE = {"all": [{"field": "contact.country", "op": "is", "value": "DE"}]}
SPECS = [
    spec(1, RouteTarget.ACCOUNT_OWNER, {"all": []}),
    spec(2, RouteTarget.POOL, DE),
    spec(3, RouteTarget.QUEUE, {"all": []}),
]


def test_leads_are_counted_where_they_match_and_where_they_stay() -> None:
    leads: list[dict[str, Any]] = [
        {"contact.country": "DE", "company.has_owner": True},
        {"contact.country": "DE", "company.has_owner": False},
        {"contact.country": "FR"},
    ]

    reach = count_reach(SPECS, leads)

    assert reach.leads == 3
    assert reach.matching == {1: 3, 2: 2, 3: 3}
    assert reach.first == {1: 1, 2: 1, 3: 1}
