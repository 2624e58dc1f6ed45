"""Read the rules of versions, with the names that their sentences need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.criteria.fields import Catalog
from core.criteria.sentences import ConditionWords
from core.versioning.models import ContentStatus
from handoff.admin.rule_editor.sentences import RuleWords
from handoff.models import RoutingRule, RuleCondition, RuleSet, SlaPolicy
from handoff.routing.specs import PEOPLE_TARGETS, RouteTarget
from leads.admin import condition_rows
from leads.live_catalog import live_catalog

Target, WhenNobody = RoutingRule.Target, RoutingRule.WhenNobody
NEXT_RULE: Final = "Next rule"
NO_POLICY: Final = "Default policy"


@dataclass(frozen=True)
class Names:
    """The catalog, and the published SLA policies by code; the default one has an empty code."""

    catalog: Catalog
    policies: Mapping[str, str]


def read_names() -> Names:
    published = SlaPolicy.objects.filter(status=ContentStatus.PUBLISHED).order_by("name")
    rows = list(published.values_list("code", "name", "is_default"))
    default = next((name for _, name, is_default in rows if is_default), NO_POLICY)
    return Names(live_catalog(), {"": default, **{code: name for code, name, _ in rows}})


def read_rules(rule_sets: Iterable[RuleSet]) -> dict[int, list[RoutingRule]]:
    """Return the rules of each set in their order."""
    rules = RoutingRule.objects.filter(rule_set__in=[row.pk for row in rule_sets])
    related = rules.select_related("person", "team", "fallback_queue")
    by_set = defaultdict[int, list[RoutingRule]](list)
    for rule in related.prefetch_related("conditions").order_by("position", "pk"):
        by_set[rule.rule_set_id].append(rule)
    return by_set


def rule_words(rule: RoutingRule, names: Names) -> RuleWords:
    target = Target(rule.target)
    return RuleWords(
        id=rule.pk,
        key=rule.key,
        name=rule.name,
        conditions=tuple(condition_words(row, names.catalog) for row in conditions_of(rule)),
        is_any=rule.match == RoutingRule.Match.ANY,
        to=target_words(rule),
        is_assigned=target != Target.NURTURE,
        otherwise=_otherwise(rule) if RouteTarget(target) in PEOPLE_TARGETS else "",
        sla="" if target == Target.NURTURE else policy_words(rule.policy_code, names),
        only_in_hours=rule.requires_working_hours and RouteTarget(target) in PEOPLE_TARGETS,
        is_active=rule.is_active,
        rationale=rule.rationale,
    )


def conditions_of(rule: RoutingRule) -> Sequence[RuleCondition]:
    """Sort prefetched rows."""
    return sorted(rule.conditions.all(), key=lambda row: (row.position, row.pk))


def condition_words(row: RuleCondition, catalog: Catalog) -> ConditionWords:
    return condition_rows.condition_words(row.field, row.operator, row.value, catalog)


def target_words(rule: RoutingRule) -> str:
    named = {
        Target.ACCOUNT_OWNER: "Account owner",
        Target.PERSON: f"{rule.person}",
        Target.POOL: f"Round robin: {rule.team}",
        Target.QUEUE: f"{rule.team} queue",
    }
    return named.get(Target(rule.target), rule.get_target_display())


def policy_words(code: str, names: Names) -> str:
    return names.policies.get(code, code)


def _otherwise(rule: RoutingRule) -> str:
    is_queue = rule.when_nobody == WhenNobody.QUEUE
    return f"{rule.fallback_queue} queue" if is_queue else NEXT_RULE
