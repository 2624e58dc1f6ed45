"""Check, publish and copy versions of rule sets; routing uses the frozen value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import QuerySet, prefetch_related_objects

from core.compiled import CompiledQuery
from core.criteria.fields import Catalog
from core.criteria.tree import AllOf, AnyOf, BadCriteria, Condition, Tree
from core.raw_sql import fetch_rows
from core.versioning.copying import copy_version
from core.versioning.models import ContentStatus
from core.versioning.publishing import NotReady, locked_draft, replace_published
from handoff.models import RoutingRule, RuleCondition, RuleSet, SlaPolicy
from handoff.routing import specs
from leads.criteria import make_condition
from leads.live_catalog import live_catalog
from people.availability import may_answer_sql
from people.models import Team, User

# In SQL because composing this with the ORM takes ten times as long as running it.
STAFF_SQL: Final = f"""
SELECT membership.user_id, membership.team_id, {may_answer_sql("membership.user_id")}
FROM people_membership AS membership
JOIN people_user AS person ON person.id = membership.user_id AND person.is_active
JOIN people_team AS team ON team.id = membership.team_id AND team.is_active
"""  # noqa: S608  (constants only)

Match, Target, WhenNobody = RoutingRule.Match, RoutingRule.Target, RoutingRule.WhenNobody


class Problem(NamedTuple):
    """A reason why a rule set cannot be published, worded for the editor.

    `queue` is the team to which adding a member solves it.
    """

    text: str
    rule: RoutingRule | None = None
    queue: Team | None = None

    def __str__(self) -> str:
        rule = self.rule
        return f"{rule.position + 1}. {rule.name}: {self.text}" if rule else self.text


class _Staff(NamedTuple):
    """Active members of active teams, and those of them who may answer: (user, team) each."""

    members: frozenset[tuple[int, int]]
    answering: frozenset[tuple[int, int]]

    def has_team(self, team: Team) -> bool:
        return team.pk in {team_id for _, team_id in self.answering}


def problems_of(rule_set: RuleSet, *, allow_unstaffed: bool = False) -> list[str]:
    rules = active_rules(rule_set)
    return list(map(str, problems_in(rule_set, rules, live_catalog(), allow_unstaffed)))


def problems_in(
    rule_set: RuleSet,
    rules: Sequence[RoutingRule],
    catalog: Catalog,
    allow_unstaffed: bool = False,
) -> list[Problem]:
    """Check the active rules; the number of statements does not grow with them."""
    if not rules:
        return [Problem("Add at least one active rule.")]
    policies, staff = _policy_codes(), _staff()
    problems = [
        Problem(f"There is no field “{code}” to require.")
        for code in rule_set.required_fields
        if code not in catalog
    ]
    for rule in rules:
        texts = [*_condition_problems(rule, catalog), *_target_problems(rule, staff)]
        if rule.policy_code and rule.policy_code not in policies:
            texts.append(f"SLA policy “{rule.policy_code}” is not published.")
        problems += [Problem(text, rule) for text in texts]
        if not allow_unstaffed:
            problems += _unstaffed(rule, staff)
    last = rules[-1]
    if not takes_the_rest(last):
        text = (
            f"The last rule, “{last.name}”, must assign all leads to a queue: "
            "target “Queue” and no conditions."
        )
        problems.append(Problem(text))
    return problems


def takes_the_rest(rule: RoutingRule) -> bool:
    """Return whether a rule can be the last one: it assigns all leads to a queue."""
    return rule.target == Target.QUEUE and not rule.conditions.all()


def _unstaffed(rule: RoutingRule, staff: _Staff) -> list[Problem]:
    text = "no one in {} may answer leads, so leads there would go unseen."
    queues = (queue for queue in _queues(rule) if not staff.has_team(queue))
    return [Problem(text.format(queue), rule, queue) for queue in queues]


def active_rules(rule_set: RuleSet) -> list[RoutingRule]:
    rules = ACTIVE_RULES.rows(rule_set=rule_set.pk)
    prefetch_related_objects(rules, "conditions")
    return rules


def _active_rules(rule_set: int) -> QuerySet[RoutingRule]:
    rules = RoutingRule.objects.filter(rule_set=rule_set, is_active=True)
    return rules.select_related("person", "team", "fallback_queue").order_by("position", "pk")


def published_rules_for(team: Team) -> list[RoutingRule]:
    published = RuleSet.objects.filter(status=ContentStatus.PUBLISHED).first()
    return [rule for rule in active_rules(published) if team in _teams(rule)] if published else []


def spec_of(rule_set: RuleSet, catalog: Catalog | None = None) -> specs.RuleSetSpec:
    """Return the rules as routing would use them, or refuse a draft that is not ready."""
    catalog = catalog or live_catalog()
    return specs.RuleSetSpec(
        version=rule_set.version,
        required_fields=tuple(rule_set.required_fields),
        rules=tuple(rule_spec(rule, catalog) for rule in active_rules(rule_set)),
    )


@transaction.atomic
def publish(
    *,
    rule_set: RuleSet,
    by: User | None,
    at: datetime,
    note: str = "",
    allow_unstaffed: bool = False,
) -> None:
    """Freeze a draft and make it live; only a new installation may have unstaffed queues."""
    draft = locked_draft(rule_set)
    draft.note = note or draft.note
    if problems := problems_of(draft, allow_unstaffed=allow_unstaffed):
        raise NotReady(problems)
    draft.compiled = specs.rule_set_as_json(spec_of(draft))
    replace_published(draft, rivals=RuleSet.objects.all(), by=by, at=at)


def copy_to_draft(rule_set: RuleSet) -> RuleSet:
    """Copy everything but the note, which says what this version changed."""
    return copy_version(
        rule_set,
        siblings=RuleSet.objects.all(),
        children={"rules": {"conditions": {}}},
        without=["note"],
    )


def place_before_last(rule_set: RuleSet) -> int:
    """Return the position for a new rule; the last one, which matches all leads, moves down."""
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
    problems = []
    for row in _ordered(rule.conditions.all()):
        try:
            _condition(row, catalog)
        except BadCriteria as problem:
            problems.append(str(problem))
    return problems


def _target_problems(rule: RoutingRule, staff: _Staff) -> list[str]:
    problems = []
    if rule.target == Target.PERSON and rule.person:
        problems += _person_problems(rule.person, staff)
    for team in _teams(rule):
        if not team.is_active:
            problems.append(f"{team} is no longer active.")
        if team.function == Team.Function.MARKETING:
            problems.append(f"{team} is a marketing team. Leads are offered to sales only.")
    return problems


def _person_problems(person: User, staff: _Staff) -> list[str]:
    if not person.is_active:
        return [f"{person} is no longer active."]
    if person.pk not in {user_id for user_id, _ in staff.members}:
        return [f"{person} is not in an active team, so routing would never select them."]
    if person.pk not in {user_id for user_id, _ in staff.answering}:
        return [f"{person} may not answer leads, so routing would never select them."]
    return []


def _teams(rule: RoutingRule) -> set[Team]:
    """Return the teams that get leads by this rule."""
    pools = [rule.team] if rule.target == Target.POOL and rule.team else []
    return {*_queues(rule), *pools}


def _queues(rule: RoutingRule) -> list[Team]:
    """Return the queues of this rule."""
    queues = []
    if rule.target == Target.QUEUE and rule.team:
        queues.append(rule.team)
    if rule.when_nobody == WhenNobody.QUEUE and rule.fallback_queue:
        queues.append(rule.fallback_queue)
    return queues


def _policy_codes() -> set[str]:
    return {policy.code for policy in PUBLISHED_POLICIES.rows()}


def _published_policies() -> QuerySet[SlaPolicy]:
    return SlaPolicy.objects.filter(status=ContentStatus.PUBLISHED).only("code")


def _staff() -> _Staff:
    rows = fetch_rows(STAFF_SQL)
    return _Staff(
        frozenset((user, team) for user, team, _ in rows),
        frozenset((user, team) for user, team, may_answer in rows if may_answer),
    )


ACTIVE_RULES: Final = CompiledQuery(_active_rules)
PUBLISHED_POLICIES: Final = CompiledQuery(_published_policies)


def rule_spec(rule: RoutingRule, catalog: Catalog) -> specs.RuleSpec:
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
