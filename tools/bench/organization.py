"""The organization of the bench: pools of reps, published rules, an API key, a reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import Group

from api.keys import hash_secret, issue_key
from api.models import ApiKey
from config.bootstrap import bootstrap
from handoff.models import RoutingRule, RuleCondition, RuleSet
from handoff.routing import publishing
from people.models import Membership, Team, User, WorkCalendar
from people.roles import Role

# More than any run of the bench sends, or a rep has.
NO_LIMIT: Final = 1_000_000
INDUSTRIES: Final = (
    *("Software", "Retail", "Logistics", "Banking", "Insurance", "Energy"),
    *("Health", "Education", "Media", "Travel", "Chemicals", "Machinery"),
)
# Equally frequent among existing and new contacts.
FIRST_NAMES: Final = (
    *("Ann", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana"),
    *("Ida", "Jon", "Kim", "Lea", "Max", "Nia", "Otto", "Pia"),
)
COUNTRIES: Final = ("DE", "FR", "GB", "US", "BR", "IN", "JP", "ES")
SIZES: Final = ((1, 9), (10, 49), (50, 249), (250, 5_000))
# No rule has it as a condition, so for a lead of this industry all of them are evaluated.
UNROUTED_INDUSTRY: Final = "Shipbuilding"


@dataclass(frozen=True)
class Staff:
    """The size of the organization."""

    pools: int = 4
    reps_in_pool: int = 10
    rules: int = 10


LARGE: Final = Staff(pools=10, reps_in_pool=20, rules=50)


@dataclass(frozen=True)
class BenchOrganization:
    """`rep` has an inbox of fifty rows, and `reader` may see all leads."""

    secret: str
    reader: User
    rep: User
    marketer: User
    operations: User


def create_organization(staff: Staff, *, at: datetime) -> BenchOrganization:
    bootstrap(at=at)
    calendar = WorkCalendar.objects.order_by("pk")[0]
    pools = [make_pool(number, staff.reps_in_pool, calendar) for number in range(staff.pools)]
    publish_rules(pools, staff.rules, at=at)
    make_user("reader", "Rita Reader", Role.LEADER)
    make_user("operations", "Olga Operations", Role.OPERATIONS)
    marketer = make_user("marketer", "Mara Marketer", Role.MARKETER)
    Membership.objects.create(team=Team.objects.get(name="Marketing"), user=marketer)
    return load_organization()


def load_organization() -> BenchOrganization:
    """Load the organization that `create_organization` created, with a new API key."""
    names = ("reader", "rep0", "marketer", "operations")
    users = (User.objects.get(email=address_of(name)) for name in names)
    _, secret = issue_key("Bench", [ApiKey.Scope.TOUCHES_WRITE], requests_per_minute=NO_LIMIT)
    return BenchOrganization(secret, *users)


def copy_key(secret: str, database: str) -> None:
    """Let the API key work in another database, too."""
    key = ApiKey.objects.get(hash=hash_secret(secret))
    key.pk = None
    key.save(using=database)


def make_pool(number: int, size: int, calendar: WorkCalendar) -> Team:
    manager = make_user(f"manager{number}", f"Manager {number}", Role.SALES_MANAGER)
    team = Team.objects.create(name=f"Pool {number}", calendar=calendar, manager=manager)
    for rep in range(number * size, (number + 1) * size):
        user = make_user(f"rep{rep}", f"Rep {rep}", Role.REP)
        # As every member has a capacity, routing counts the open handoffs of each rep.
        Membership.objects.create(team=team, user=user, capacity=NO_LIMIT)
    return team


def make_user(name: str, full_name: str, role: Role) -> User:
    # The same unusable password everywhere, so that sessions also work on a second database.
    user = User.objects.create(email=address_of(name), password="!", name=full_name)  # noqa: S106  (not a secret)
    user.groups.add(Group.objects.get(name=role.label))
    return user


def address_of(name: str) -> str:
    return f"{name}@bench.example"


def publish_rules(pools: list[Team], number: int, *, at: datetime) -> None:
    """Publish narrow rules, then one for all demo requests and the last queue."""
    draft = RuleSet.objects.create(
        name="Segments", version=2, required_fields=["lead.source", "company.name"]
    )
    names = [f"Segment {place}" for place in range(number - 2)]
    rules = [
        *(pool_rule(name, pools[place % len(pools)]) for place, name in enumerate(names)),
        pool_rule("Demo requests", pools[-1]),
        RoutingRule(
            name="All other leads",
            target=RoutingRule.Target.QUEUE,
            team=Team.objects.get(name="Qualification"),
        ),
    ]
    for position, rule in enumerate(rules):
        rule.rule_set, rule.position = draft, position
    *narrow, demo, _ = RoutingRule.objects.bulk_create(rules)
    RuleCondition.objects.bulk_create(
        RuleCondition(rule=rule, position=place, field=field, operator=operator, value=value)
        for number, rule in enumerate(narrow)
        for place, (field, operator, value) in enumerate(segment(number))
    )
    RuleCondition.objects.create(rule=demo, field="lead.type", operator="is", value="demo")
    publishing.publish(rule_set=draft, by=None, at=at, allow_unstaffed=True)


def pool_rule(name: str, pool: Team) -> RoutingRule:
    return RoutingRule(name=name, target=RoutingRule.Target.POOL, team=pool)


def segment(number: int) -> list[tuple[str, str, Any]]:
    """Return three conditions that few leads match together."""
    return [
        ("company.industry", "is", INDUSTRIES[number % len(INDUSTRIES)]),
        ("company.employees", "between", list(SIZES[number % len(SIZES)])),
        ("contact.country", "is", COUNTRIES[number % len(COUNTRIES)]),
    ]
