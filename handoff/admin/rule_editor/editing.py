"""Write to the rules of a draft, under the lock of its version."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from core.errors import Refused
from core.versioning.publishing import lock_for_edit
from handoff.admin.rule_editor.reading import conditions_of
from handoff.admin.rule_editor.values import Merge, RuleValues, merge
from handoff.models import RoutingRule, RuleCondition, RuleSet
from handoff.routing.publishing import takes_the_rest
from leads.field_catalog import CATALOG

NEW_RULE = "New rule"
COLUMNS = [
    *("name", "rationale", "match", "target", "person_id", "team_id", "when_nobody"),
    *("fallback_queue_id", "requires_working_hours", "policy_code"),
]


class RuleGone(Refused):
    code = "rule_gone"


def values_of(rule: RoutingRule) -> RuleValues:
    return RuleValues(
        conditions=tuple((row.field, row.operator, row.value) for row in conditions_of(rule)),
        **{column: getattr(rule, column) for column in COLUMNS},
    )


@transaction.atomic
def save_rule(rule_id: int, *, base: RuleValues, mine: RuleValues) -> Merge:
    """Save what I changed since `base`, unless another editor changed the same part since."""
    rule = _locked_rule(rule_id)
    merged = merge(base, values_of(rule), mine)
    _write(rule, merged.values)
    return merged


@transaction.atomic
def add_rule(rule_set_id: int, *, before: int | None) -> RoutingRule:
    """Add a rule that assigns all leads to the last queue, until it is edited."""
    lock_for_edit(RuleSet, rule_set_id)
    rules = _ordered(rule_set_id)
    last = rules[-1] if rules else None
    has_queue = last is not None and takes_the_rest(last)
    rule = RoutingRule.objects.create(
        rule_set_id=rule_set_id,
        name=NEW_RULE,
        target=RoutingRule.Target.QUEUE if has_queue else RoutingRule.Target.NURTURE,
        team=last.team if last and has_queue else None,
    )
    place = next((i for i, row in enumerate(rules) if row.pk == before), len(rules) - has_queue)
    _place([*rules[:place], rule, *rules[place:]])
    return rule


@transaction.atomic
def move_rule(rule_id: int, *, to: str = "", before: int | None = None) -> int:
    """Move a rule up, down, last or before another one, and return its new place, from 1.

    The rule for all other leads stays last.
    """
    rule = _locked_rule(rule_id)
    rules = _ordered(rule.rule_set_id)
    place = next(i for i, row in enumerate(rules) if row.pk == rule_id)
    rest = [row for row in rules if row.pk != rule_id]
    wanted = {"up": place - 1, "down": place + 1, "last": len(rest)}.get(to, place)
    if before is not None:
        wanted = next((i for i, row in enumerate(rest) if row.pk == before), place)
    limit = len(rest) - (takes_the_rest(rest[-1]) if rest else 0)
    if place == len(rules) - 1 and takes_the_rest(rule):
        return place + 1
    wanted = max(0, min(wanted, limit))
    _place([*rest[:wanted], rule, *rest[wanted:]])
    return wanted + 1


@transaction.atomic
def duplicate_rule(rule_id: int) -> RoutingRule:
    rule = _locked_rule(rule_id)
    rules = _ordered(rule.rule_set_id)
    copy = RoutingRule(rule_set_id=rule.rule_set_id, is_active=rule.is_active)
    values = values_of(rule)
    for column in COLUMNS:
        setattr(copy, column, getattr(values, column))
    copy.name = f"{rule.name[:90]} (copy)"
    copy.save(force_insert=True)
    _write_conditions(copy, values)
    place = next(i for i, row in enumerate(rules) if row.pk == rule_id)
    is_last = place == len(rules) - 1 and takes_the_rest(rule)
    place += not is_last
    _place([*rules[:place], copy, *rules[place:]])
    return copy


@transaction.atomic
def switch_rule(rule_id: int, *, is_active: bool) -> RoutingRule:
    rule = _locked_rule(rule_id)
    rule.is_active = is_active
    rule.save(update_fields=["is_active"])
    return rule


@transaction.atomic
def delete_rule(rule_id: int) -> RoutingRule:
    """Delete a rule and return it as it was."""
    rule = _locked_rule(rule_id)
    deleted = RoutingRule(name=rule.name, rule_set_id=rule.rule_set_id)
    rule.delete()
    return deleted


@transaction.atomic
def change_required_fields(
    rule_set_id: int, *, added: Sequence[str], removed: Sequence[str]
) -> None:
    rule_set = lock_for_edit(RuleSet, rule_set_id)
    kept = [code for code in rule_set.required_fields if code not in removed]
    new = [code for code in added if code in CATALOG and code not in kept]
    rule_set.required_fields = [*kept, *new]
    rule_set.save(update_fields=["required_fields"])


def _locked_rule(rule_id: int) -> RoutingRule:
    rules = RoutingRule.objects.filter(pk=rule_id)
    rule_set_id = rules.values_list("rule_set_id", flat=True).first()
    if rule_set_id is not None:
        lock_for_edit(RuleSet, rule_set_id)
    rule = rules.prefetch_related("conditions").first()
    if rule is None:
        raise RuleGone("Another user deleted this rule. Nothing was saved.")
    return rule


def _ordered(rule_set_id: int) -> list[RoutingRule]:
    rules = RoutingRule.objects.filter(rule_set=rule_set_id).prefetch_related("conditions")
    return list(rules.select_related("team").order_by("position", "pk"))


def _place(rules: Sequence[RoutingRule]) -> None:
    moved = []
    for position, rule in enumerate(rules):
        if rule.position != position:
            rule.position = position
            moved.append(rule)
    RoutingRule.objects.bulk_update(moved, ["position"])


def _write(rule: RoutingRule, values: RuleValues) -> None:
    changed = [name for name in COLUMNS if getattr(rule, name) != getattr(values, name)]
    for name in changed:
        setattr(rule, name, getattr(values, name))
    if changed:
        rule.save(update_fields=[name.removesuffix("_id") for name in changed])
    if values_of(rule).conditions != values.conditions:
        _write_conditions(rule, values)


def _write_conditions(rule: RoutingRule, values: RuleValues) -> None:
    """Update rows by place, so that the history shows what changed in each."""
    rows = [] if rule._state.adding else list(rule.conditions.order_by("position", "pk"))
    for position, (field, operator, value) in enumerate(values.conditions):
        row = rows[position] if position < len(rows) else RuleCondition(rule=rule)
        before = (row.position, row.field, row.operator, row.value)
        row.position, row.field, row.operator, row.value = position, field, operator, value
        if row.pk is None or before != (position, field, operator, value):
            row.save()
    for row in rows[len(values.conditions) :]:
        row.delete()
