"""Who works in the bench: pools of sellers, fifty published rules, a client's key, readers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import Group

from config.bootstrap import bootstrap
from handoff.models import RoutingRule, RuleCondition, RuleSet
from handoff.routing import ruleset
from intake.keys import issue_key
from intake.models import ApiKey
from people.models import Membership, Team, User, WorkCalendar
from people.roles import Role

POOLS: Final = 10
SELLERS_IN_POOL: Final = 20
SELECTIVE_RULES: Final = 48
# More than any run of the bench sends.
NO_LIMIT: Final = 1_000_000
INDUSTRIES: Final = (
    *("Software", "Retail", "Logistics", "Banking", "Insurance", "Energy"),
    *("Health", "Education", "Media", "Travel", "Chemicals", "Machinery"),
)
COUNTRIES: Final = ("DE", "FR", "GB", "US", "BR", "IN", "JP", "ES")
SIZES: Final = ((1, 9), (10, 49), (50, 249), (250, 5_000))
# No rule asks for it, so a lead of this industry is tried against all of them.
INDUSTRY_OF_NO_RULE: Final = "Shipbuilding"


@dataclass(frozen=True)
class Organisation:
    secret: str
    reader: User
    seller: User
    """Whose inbox the data fills with fifty rows."""


def organise(*, at: datetime) -> Organisation:
    bootstrap(at=at)
    calendar = WorkCalendar.objects.order_by("pk")[0]
    pools = [make_pool(number, calendar) for number in range(POOLS)]
    publish_rules(pools, at=at)
    make_user("reader", "Rita Reader", Role.LEADER)
    return organised()


def organised() -> Organisation:
    """The people of a database that `organise` filled; refuses any other."""
    reader = User.objects.get(email=address_of("reader"))
    seller = User.objects.get(email=address_of("seller0"))
    _, secret = issue_key("Bench", [ApiKey.Scope.TOUCHES_WRITE], requests_per_minute=NO_LIMIT)
    return Organisation(secret, reader, seller)


def make_pool(number: int, calendar: WorkCalendar) -> Team:
    manager = make_user(f"manager{number}", f"Manager {number}", Role.SALES_MANAGER)
    team = Team.objects.create(name=f"Pool {number}", calendar=calendar, manager=manager)
    first = number * SELLERS_IN_POOL
    for seller in range(first, first + SELLERS_IN_POOL):
        user = make_user(f"seller{seller}", f"Seller {seller}", Role.SELLER)
        Membership.objects.create(team=team, user=user)
    return team


def make_user(name: str, full_name: str, role: Role) -> User:
    # The same useless password everywhere: a session then holds on a second database, too.
    user = User.objects.create(email=address_of(name), password="!", name=full_name)
    user.groups.add(Group.objects.get(name=role.label))
    return user


def address_of(name: str) -> str:
    return f"{name}@bench.example"


def publish_rules(pools: list[Team], *, at: datetime) -> None:
    """Fifty rules: 48 that are choosy, one for every demo request, and the last queue."""
    draft = RuleSet.objects.create(
        name="Fifty rules", version=2, required_fields=["lead.source", "company.name"]
    )
    rules = [
        *(selective_rule(draft, number, pools) for number in range(SELECTIVE_RULES)),
        RoutingRule(name="Demo requests", target=RoutingRule.Target.POOL, team=pools[-1]),
        RoutingRule(
            name="Everybody else",
            target=RoutingRule.Target.QUEUE,
            team=Team.objects.get(name="Qualification"),
        ),
    ]
    for position, rule in enumerate(rules):
        rule.rule_set, rule.position = draft, position
    made = RoutingRule.objects.bulk_create(rules)
    RuleCondition.objects.bulk_create(
        RuleCondition(rule=rule, position=place, field=field, operator=operator, value=value)
        for number, rule in enumerate(made[:-1])
        for place, (field, operator, value) in enumerate(conditions_of(number))
    )
    ruleset.publish(rule_set=draft, by=None, at=at, unstaffed_is_fine=True)


def selective_rule(draft: RuleSet, number: int, pools: list[Team]) -> RoutingRule:
    return RoutingRule(
        name=f"Segment {number}",
        rationale="Those who know the industry sell to it.",
        target=RoutingRule.Target.POOL,
        team=pools[number % (POOLS - 1)],
    )


def conditions_of(number: int) -> list[tuple[str, str, Any]]:
    if number == SELECTIVE_RULES:
        return [("lead.type", "is", "demo")]
    return [
        ("company.industry", "is", INDUSTRIES[number % len(INDUSTRIES)]),
        ("company.employees", "between", list(SIZES[number % len(SIZES)])),
        ("contact.country", "is", COUNTRIES[number % len(COUNTRIES)]),
    ]
