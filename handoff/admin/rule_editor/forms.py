"""The form of one rule; each part is checked and saved by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.http import QueryDict

from core.permissions import Right
from handoff.admin.rule_editor.editing import NEW_RULE
from handoff.admin.rule_editor.reading import NEXT_RULE, Names, condition_words
from handoff.admin.rule_editor.values import RuleValues
from handoff.models import RoutingRule, RuleCondition
from handoff.routing.specs import PEOPLE_TARGETS
from leads.admin.condition_rows import ConditionRow, grouped_fields, sent_rows, stored_row
from people.choices import able_users
from people.models import Team

Target, WhenNobody = RoutingRule.Target, RoutingRule.WhenNobody
Choices = list[tuple[str, Any]]
IDS = {Target.PERSON: "person_id", Target.POOL: "team_id", Target.QUEUE: "team_id"}


class RuleForm(forms.Form):
    name = forms.CharField(max_length=100, label="Name")
    match = forms.ChoiceField(
        choices=RoutingRule.Match.choices, required=False, label="Matches when a lead meets"
    )
    assign = forms.ChoiceField(label="Assign to")
    otherwise = forms.ChoiceField(label="If no one is available", required=False)
    policy_code = forms.ChoiceField(label="SLA", required=False)
    requires_working_hours = forms.BooleanField(
        required=False, label="Only to reps who are within their working hours"
    )
    rationale = forms.CharField(
        required=False,
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Shown to reps who ask why they got a lead, and in the history.",
    )

    def __init__(
        self, rule: RoutingRule, stored: RuleValues, names: Names, data: QueryDict | None = None
    ) -> None:
        self.names, self.stored = names, stored
        self.conditions_error = ""
        initial = {
            **{name: getattr(stored, name) for name in ("name", "match", "policy_code")},
            "rationale": stored.rationale,
            "requires_working_hours": stored.requires_working_hours,
            "assign": assign_code(stored),
            "otherwise": otherwise_code(stored),
        }
        super().__init__(data, initial=initial, auto_id=f"rule-{rule.pk}-%s")
        teams = sales_teams(_kept(rule.team, rule.fallback_queue))
        self._choose("assign", assign_choices(rule, teams))
        self._choose("otherwise", otherwise_choices(teams))
        self._choose("policy_code", policy_choices(names, stored.policy_code))
        self.rows = self._rows(data)

    @property
    def fields_are_hidden(self) -> bool:
        return self.target not in {str(target) for target in PEOPLE_TARGETS}

    @property
    def target(self) -> str:
        return str(self["assign"].value() or "").partition(":")[0]

    @property
    def is_nurture(self) -> bool:
        return self.target == Target.NURTURE

    @property
    def joint(self) -> str:
        return "or" if self["match"].value() == RoutingRule.Match.ANY else "and"

    @property
    def groups(self) -> Any:
        return grouped_fields(self.names.catalog)

    @property
    def has_errors(self) -> bool:
        rows_fail = any(row.error for row in self.rows)
        return bool(self.errors or self.conditions_error) or rows_fail

    @property
    def is_incomplete(self) -> bool:
        return any(row.values() is None for row in self.rows)

    def values(self) -> RuleValues:
        """Return what was sent; a part with an error is as it is stored."""
        data = self.cleaned_data
        values = self.stored
        for name in ("name", "rationale", "policy_code"):
            if name in data:
                values = replace(values, **{name: data[name]})
        if data.get("match"):
            values = replace(values, match=data["match"])
        rows = [row.values() for row in self.rows if row.field is not None]
        if None not in rows:
            values = replace(values, conditions=tuple(row for row in rows if row is not None))
        if "assign" not in data:
            return values
        values = replace(values, **assigned(data["assign"]))
        if self.fields_are_hidden:
            return replace(
                values,
                when_nobody=WhenNobody.NEXT_RULE.value,
                fallback_queue_id=None,
                requires_working_hours=False,
            )
        values = replace(values, requires_working_hours=data.get("requires_working_hours", False))
        return replace(values, **fallback(data.get("otherwise") or WhenNobody.NEXT_RULE))

    def label_of(self, part: str) -> str:
        return "Conditions" if part == "conditions" else str(self.fields[part].label)

    def show_stored(self, part: str) -> None:
        """Show what is stored instead of what was sent."""
        if part == "conditions":
            self.rows = self._rows(None)
            return
        shown = self.initial[part]
        assert isinstance(self.data, QueryDict)
        self.data.pop(part, None)
        if shown not in (False, None):
            self.data[part] = "on" if shown is True else str(shown)

    def add_conflict(self, part: str, text: str) -> None:
        if part == "conditions":
            self.conditions_error = text
        else:
            self.add_error(part, text)

    def words(self, part: str, values: RuleValues) -> str:
        """Return one part of a rule as this form would show it."""
        if part == "conditions":
            words = [
                str(
                    condition_words(
                        RuleCondition(field=code, operator=operator, value=value),
                        self.names.catalog,
                    )
                )
                for code, operator, value in values.conditions
            ]
            return f" {'or' if values.match == 'any' else 'and'} ".join(words) or "All leads"
        if part == "requires_working_hours":
            return "only during working hours" if values.requires_working_hours else "at any time"
        codes = {"assign": assign_code(values), "otherwise": otherwise_code(values)}
        code = codes.get(part, getattr(values, part, ""))
        field = self.fields[part]
        if isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            return str(dict(_flat(choices)).get(code, code))
        return str(code) or "nothing"

    def _choose(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def _rows(self, data: QueryDict | None) -> list[ConditionRow]:
        if data is not None:
            rows = sent_rows(data, self.names.catalog)
            return [*rows, ConditionRow(len(rows))] if "add" in data else rows
        rows = [
            stored_row(index, values, self.names.catalog)
            for index, values in enumerate(self.stored.conditions)
        ]
        # A new rule starts with a condition to fill in.
        return rows or ([ConditionRow(0)] if self.stored.name == NEW_RULE else [])


def assign_code(values: RuleValues) -> str:
    column = IDS.get(Target(values.target)) if values.target else None
    return f"{values.target}:{getattr(values, column)}" if column else values.target


def assigned(code: str) -> dict[str, Any]:
    target, _, number = code.partition(":")
    ids: dict[str, int | None] = {"person_id": None, "team_id": None}
    if column := IDS.get(Target(target)):
        ids[column] = int(number)
    return {"target": target, **ids}


def otherwise_code(values: RuleValues) -> str:
    is_queue = values.when_nobody == WhenNobody.QUEUE
    return f"queue:{values.fallback_queue_id}" if is_queue else str(WhenNobody.NEXT_RULE.value)


def fallback(code: str) -> dict[str, Any]:
    _, _, number = code.partition(":")
    if number:
        return {"when_nobody": WhenNobody.QUEUE.value, "fallback_queue_id": int(number)}
    return {"when_nobody": WhenNobody.NEXT_RULE.value, "fallback_queue_id": None}


def sales_teams(kept: Iterable[Team]) -> list[Team]:
    """Return the teams that can get leads, and those that the rule names already."""
    offered = Team.objects.filter(is_active=True).exclude(function=Team.Function.MARKETING)
    teams = {team.pk: team for team in (*offered, *kept)}
    return sorted(teams.values(), key=lambda team: team.name)


def assign_choices(rule: RoutingRule, teams: list[Team]) -> Choices:
    able = able_users(Right.ANSWER_HANDOFFS).distinct()
    people = {person.pk: person.name for person in able}
    if rule.person is not None:
        people.setdefault(rule.person.pk, f"{rule.person} (no longer available)")
    by_name = sorted(people.items(), key=lambda item: item[1])
    return [
        (Target.ACCOUNT_OWNER.value, "Account owner"),
        (Target.COMPANY_REP.value, Target.COMPANY_REP.label),
        (Target.NURTURE.value, "Nurture"),
        ("Round robin", [(f"pool:{team.pk}", f"Round robin: {team}") for team in teams]),
        ("Queue", [(f"queue:{team.pk}", f"{team} queue") for team in teams]),
        ("Person", [(f"person:{pk}", name) for pk, name in by_name]),
    ]


def otherwise_choices(teams: list[Team]) -> Choices:
    queues = [(f"queue:{team.pk}", f"{team} queue") for team in teams]
    return [(WhenNobody.NEXT_RULE.value, NEXT_RULE), ("Queue", queues)]


def policy_choices(names: Names, present: str) -> Choices:
    default = names.policies[""]
    offered = [("", f"{default} (default)")]
    offered += [(code, name) for code, name in names.policies.items() if code]
    if present not in names.policies:
        offered.append((present, f"{present} (not published)"))
    return offered


def _flat(choices: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
    for code, label in choices:
        if isinstance(label, list):
            yield from label
        else:
            yield code, label


def _kept(*teams: Team | None) -> list[Team]:
    return [team for team in teams if team is not None]
