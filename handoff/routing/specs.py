"""Routing rules as values: in order, frozen at publication."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from core.criteria.evaluate import Predicate, compile_predicate
from core.criteria.explain import Explainer, compile_explainer, in_words
from core.criteria.fields import Catalog
from core.criteria.tree import EVERY_LEAD, Tree, conditions, to_json
from core.errors import Refused
from core.formatting import AMERICAN, shown_in
from leads.criteria import parse
from leads.field_catalog import CATALOG, COMPANY_HAS_OPEN_LEAD


class RouteTarget(StrEnum):
    ACCOUNT_OWNER = "account_owner"
    COMPANY_REP = "company_rep"
    PERSON = "person"
    POOL = "pool"
    QUEUE = "queue"
    NURTURE = "nurture"


PEOPLE_TARGETS: Final = frozenset(
    (RouteTarget.ACCOUNT_OWNER, RouteTarget.COMPANY_REP, RouteTarget.PERSON, RouteTarget.POOL)
)


class BadRuleSet(Refused):
    code = "bad_rule_set"


@dataclass(frozen=True)
class RuleSpec:
    """Without a `fallback_queue_id` the next rule is tried when no candidate is eligible."""

    id: int
    name: str
    criteria: Tree
    target: RouteTarget
    rationale: str = ""
    user_id: int | None = None
    team_id: int | None = None
    team_name: str = ""
    requires_working_hours: bool = False
    fallback_queue_id: int | None = None
    fallback_queue_name: str = ""
    policy_code: str = ""

    def __post_init__(self) -> None:
        if self.target is RouteTarget.PERSON and self.user_id is None:
            raise BadRuleSet(f"“{self.name}” names no person.")
        if self.target in {RouteTarget.POOL, RouteTarget.QUEUE} and self.team_id is None:
            raise BadRuleSet(f"“{self.name}” names no team.")

    @property
    def needs_people(self) -> bool:
        return self.target in PEOPLE_TARGETS

    @property
    def always_ends(self) -> bool:
        """Return whether a lead that matches never reaches the next rule."""
        return not self.needs_people or self.fallback_queue_id is not None

    @property
    def takes_all(self) -> bool:
        return self.criteria == EVERY_LEAD

    @cached_property
    def matches(self) -> Predicate:
        return compile_predicate(self.criteria)

    # A process keeps these two for all readers, so no reader has a say in their dates and numbers.
    @cached_property
    @shown_in(AMERICAN)
    def explain(self) -> Explainer:
        return compile_explainer(self.criteria)

    @cached_property
    @shown_in(AMERICAN)
    def words(self) -> str:
        return in_words(self.criteria)


def asks_for_company_rep(rules: Iterable[RuleSpec]) -> bool:
    return any(
        rule.target is RouteTarget.COMPANY_REP
        or any(row.field.code == COMPANY_HAS_OPEN_LEAD for row in conditions(rule.criteria))
        for rule in rules
    )


def pool_ids_of(rules: Iterable[RuleSpec]) -> tuple[int, ...]:
    """Return the pools of the rules, in their order."""
    pools = (rule.team_id for rule in rules if rule.target is RouteTarget.POOL)
    return tuple(dict.fromkeys(team_id for team_id in pools if team_id is not None))


@dataclass(frozen=True)
class RuleSetSpec:
    """A lead on which two `required_fields` are unknown goes to nurture."""

    version: int
    rules: tuple[RuleSpec, ...]
    required_fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        last = self.rules[-1] if self.rules else None
        if last is None or last.target is not RouteTarget.QUEUE or last.criteria != EVERY_LEAD:
            raise BadRuleSet("The last rule must assign all leads to a queue.")
        if unknown := [code for code in self.required_fields if code not in CATALOG]:
            raise BadRuleSet(f"There is no field “{unknown[0]}” to require.")

    @cached_property
    def team_ids(self) -> tuple[int, ...]:
        """Return the pools and queues of the rules, in their order."""
        team_ids = (rule.team_id for rule in self.rules)
        return tuple(dict.fromkeys(team_id for team_id in team_ids if team_id is not None))

    @cached_property
    def asks_for_company_rep(self) -> bool:
        return asks_for_company_rep(self.rules)

    @cached_property
    def pool_ids(self) -> tuple[int, ...]:
        return pool_ids_of(self.rules)


def rule_set_as_json(rule_set: RuleSetSpec) -> dict[str, Any]:
    return {
        "version": rule_set.version,
        "required_fields": list(rule_set.required_fields),
        "rules": [_rule_as_json(rule) for rule in rule_set.rules],
    }


def rule_set_from_json(data: Mapping[str, Any], catalog: Catalog = CATALOG) -> RuleSetSpec:
    """Build a rule set; `catalog` has the names of sources, campaigns and lead types."""
    return RuleSetSpec(
        version=data["version"],
        required_fields=tuple(data["required_fields"]),
        rules=tuple(_rule_from_json(rule, catalog) for rule in data["rules"]),
    )


def _rule_as_json(rule: RuleSpec) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name,
        "criteria": to_json(rule.criteria),
        "target": rule.target.value,
        "rationale": rule.rationale,
        "user_id": rule.user_id,
        "team_id": rule.team_id,
        "team_name": rule.team_name,
        "requires_working_hours": rule.requires_working_hours,
        "fallback_queue_id": rule.fallback_queue_id,
        "fallback_queue_name": rule.fallback_queue_name,
        "policy_code": rule.policy_code,
    }


def _rule_from_json(data: Mapping[str, Any], catalog: Catalog) -> RuleSpec:
    criteria, target = parse(data["criteria"], catalog), RouteTarget(data["target"])
    return RuleSpec(**{**data, "criteria": criteria, "target": target})
