"""Rule sets as versions: what a draft must hold, and the frozen value that routing uses (N-04)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from core.criteria.fields import Catalog
from core.criteria.tree import AllOf, AnyOf, BadCriteria, Condition, Tree
from core.versioning.models import ContentStatus
from core.versioning.publishing import NotReady, locked_draft, next_version, replace_published
from handoff.models import RoutingRule, RuleCondition, RuleSet, SlaPolicy
from handoff.routing import specs
from leads.criteria import make_condition
from leads.live_catalog import live_catalog
from people.availability import MAY_ANSWER, STAFF
from people.models import Team, User

Match, Target, WhenNobody = RoutingRule.Match, RoutingRule.Target, RoutingRule.WhenNobody
COPIED = [
    "position",
    "name",
    "rationale",
    "is_active",
    "match",
    "target",
    "person_id",
    "team_id",
    "requires_working_hours",
    "when_nobody",
    "fallback_queue_id",
    "policy_code",
]


def problems_of(rule_set: RuleSet, *, unstaffed_is_fine: bool = False) -> list[str]:
    """What keeps a rule set from being published, in sentences that name the rule and the field."""
    rules = active_rules(rule_set)
    if not rules:
        return ["Add at least one active rule."]
    catalog, policies, staffed = live_catalog(), _policy_codes(), _staffed_team_ids()
    found = [
        f"There is no field “{code}” to require."
        for code in rule_set.required_fields
        if code not in catalog
    ]
    for rule in rules:
        of_rule = [*_condition_problems(rule, catalog), *_target_problems(rule)]
        if rule.policy_code and rule.policy_code not in policies:
            of_rule.append(f"no SLA policy “{rule.policy_code}” is published.")
        if not unstaffed_is_fine:
            of_rule += [_unseen(queue) for queue in _queues(rule) if queue.pk not in staffed]
        found += [_problem(rule, words) for words in of_rule]
    last = rules[-1]
    if last.target != Target.QUEUE or last.conditions.all():
        found.append(
            f"The last rule, “{last.name}”, must put every lead into a queue: "
            "target “A queue” and no conditions."
        )
    return found


def unstaffed_queues(rule_set: RuleSet) -> dict[str, Team]:
    """Of its problems those that a member of a team would solve, each with the team."""
    staffed = _staffed_team_ids()
    return {
        _problem(rule, _unseen(queue)): queue
        for rule in active_rules(rule_set)
        for queue in _queues(rule)
        if queue.pk not in staffed
    }


def _unseen(queue: Team) -> str:
    return f"nobody in {queue} may answer leads, so they would wait there unseen."


def _problem(rule: RoutingRule, words: str) -> str:
    return f"{rule.position + 1}. {rule.name}: {words}"


def active_rules(rule_set: RuleSet) -> list[RoutingRule]:
    return list(
        rule_set.rules.filter(is_active=True)
        .select_related("person", "team", "fallback_queue")
        .prefetch_related("conditions")
        .order_by("position", "pk")
    )


def published_rules_for(team: Team) -> list[RoutingRule]:
    published = RuleSet.objects.filter(status=ContentStatus.PUBLISHED).first()
    return [rule for rule in active_rules(published) if team in _teams(rule)] if published else []


def value_of(rule_set: RuleSet) -> specs.RuleSetSpec:
    """The rules as routing would use them; a draft that is not ready is refused."""
    catalog = live_catalog()
    return specs.RuleSetSpec(
        version=rule_set.version,
        required_fields=tuple(rule_set.required_fields),
        rules=tuple(_rule_value(rule, catalog) for rule in active_rules(rule_set)),
    )


@transaction.atomic
def publish(
    *, rule_set: RuleSet, by: User | None, at: datetime, unstaffed_is_fine: bool = False
) -> None:
    """Freeze a draft and route by it from now on; only a new installation may be unstaffed."""
    draft = locked_draft(rule_set)
    if problems := problems_of(draft, unstaffed_is_fine=unstaffed_is_fine):
        raise NotReady(problems)
    draft.compiled = specs.rule_set_as_json(value_of(draft))
    replace_published(draft, rivals=RuleSet.objects.all(), by=by, at=at)


@transaction.atomic
def copy_to_draft(rule_set: RuleSet) -> RuleSet:
    draft = RuleSet.objects.create(
        version=next_version(RuleSet.objects.all()),
        name=rule_set.name,
        required_fields=rule_set.required_fields,
    )
    for rule in rule_set.rules.order_by("position", "pk"):
        copy = RoutingRule.objects.create(
            rule_set=draft, **{name: getattr(rule, name) for name in COPIED}
        )
        RuleCondition.objects.bulk_create(
            RuleCondition(rule=copy, **row)
            for row in rule.conditions.order_by("position", "pk").values(
                "position", "field", "operator", "value"
            )
        )
    return draft


def place_before_last(rule_set: RuleSet) -> int:
    """The position for a new rule: the last one, which takes every lead, moves down."""
    last = rule_set.rules.order_by("-position", "-pk").first()
    if last is None:
        return 0
    rule_set.rules.filter(pk=last.pk).update(position=last.position + 1)
    return last.position


def criteria_of(rule: RoutingRule, catalog: Catalog) -> Tree:
    parts = tuple(_condition(row, catalog) for row in _ordered(rule.conditions.all()))
    return AnyOf(parts) if parts and rule.match == Match.ANY else AllOf(parts)


def _ordered(rows: Iterable[RuleCondition]) -> list[RuleCondition]:
    return sorted(rows, key=lambda row: (row.position, row.pk))


def _condition(row: RuleCondition, catalog: Catalog) -> Condition:
    return make_condition(row.field, row.operator, row.value, catalog)


def _condition_problems(rule: RoutingRule, catalog: Catalog) -> list[str]:
    found = []
    for row in _ordered(rule.conditions.all()):
        try:
            _condition(row, catalog)
        except BadCriteria as problem:
            found.append(str(problem))
    return found


def _target_problems(rule: RoutingRule) -> list[str]:
    found = []
    if rule.target == Target.PERSON and rule.person:
        found += _person_problems(rule.person)
    for team in _teams(rule):
        if not team.is_active:
            found.append(f"{team} is no longer active.")
        if team.function == Team.Function.MARKETING:
            found.append(f"{team} is a marketing team; leads are offered to sales only.")
    return found


def _person_problems(person: User) -> list[str]:
    if not person.is_active:
        return [f"{person} is no longer active."]
    if not STAFF.filter(user=person).exists():
        return [f"{person} is in no active team, so routing would never pick them."]
    if not STAFF.filter(MAY_ANSWER, user=person).exists():
        return [f"{person} may not answer leads, so routing would never pick them."]
    return []


def _teams(rule: RoutingRule) -> set[Team]:
    """The teams that get leads by this rule."""
    pools = [rule.team] if rule.target == Target.POOL and rule.team else []
    return {*_queues(rule), *pools}


def _queues(rule: RoutingRule) -> list[Team]:
    """The teams that people pull from under this rule."""
    queues = []
    if rule.target == Target.QUEUE and rule.team:
        queues.append(rule.team)
    if rule.when_nobody == WhenNobody.QUEUE and rule.fallback_queue:
        queues.append(rule.fallback_queue)
    return queues


def _policy_codes() -> set[str]:
    published = SlaPolicy.objects.filter(status=ContentStatus.PUBLISHED)
    return set(published.values_list("code", flat=True))


def _staffed_team_ids() -> set[int]:
    return set(STAFF.filter(MAY_ANSWER).values_list("team_id", flat=True))


def _rule_value(rule: RoutingRule, catalog: Catalog) -> specs.RuleSpec:
    named: dict[str, Any] = {}
    if rule.target == Target.PERSON:
        named["user_id"] = rule.person_id
    if rule.target in {Target.POOL, Target.QUEUE} and rule.team:
        named |= {"team_id": rule.team.pk, "team_name": rule.team.name}
    if rule.when_nobody == WhenNobody.QUEUE and rule.fallback_queue:
        named["fallback_queue_id"] = rule.fallback_queue.pk
        named["fallback_queue_name"] = rule.fallback_queue.name
    return specs.RuleSpec(
        id=rule.pk,
        name=rule.name,
        criteria=criteria_of(rule, catalog),
        target=specs.RouteTarget(rule.target),
        rationale=rule.rationale,
        requires_working_hours=rule.requires_working_hours,
        policy_code=rule.policy_code,
        **named,
    )
