"""One rule with its conditions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from unfold.widgets import UnfoldAdminSelectWidget

from core.admin_base import GuardedForm, display
from core.criteria.fields import Catalog
from core.permissions import Right
from core.versioning.admin import VersionRows
from core.versioning.models import ContentStatus, Version
from handoff.models import RoutingRule, RuleCondition, RuleSet, SlaPolicy
from handoff.routing import publishing
from leads.admin.conditions import (
    ConditionForm,
    ConditionRows,
    WithCatalog,
    words_of,
)
from leads.live_catalog import live_catalog
from people.choices import OffersPeople, offer_people

offer_people(RoutingRule, person=(Right.ANSWER_HANDOFFS,))

PEOPLE_TARGETS = ["account_owner", "company_rep", "person", "pool"]
NAMES_PEOPLE = f"{PEOPLE_TARGETS}.includes(target)"


class RuleForm(GuardedForm):
    class Meta:
        model = RoutingRule
        fields: list[str] = []
        labels = {
            "match": "Matches when a lead meets",
            "target": "Assigns to",
            "requires_working_hours": "Only during their working hours",
            "when_nobody": "If no one is available",
            "fallback_queue": "Queue",
        }

    policy_code = forms.ChoiceField(
        required=False, widget=UnfoldAdminSelectWidget, label="SLA policy"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "policy_code" in self.fields:
            published = SlaPolicy.objects.filter(status=ContentStatus.PUBLISHED).order_by("name")
            policy = self.fields["policy_code"]
            assert isinstance(policy, forms.ChoiceField)
            policy.choices = [("", "The default policy"), *published.values_list("code", "name")]

    def rows_of(self, instance: RoutingRule) -> Sequence[QuerySet[Any, Any]]:
        return (instance.conditions.values(),)

    def clean(self) -> dict[str, Any] | None:
        rule_set_id = self.instance.rule_set_id or getattr(
            self.cleaned_data.get("rule_set"), "pk", 0
        )
        # Locked, so that no rule changes between the checks and the publication.
        rule_set = RuleSet.objects.select_for_update(no_key=True).filter(pk=rule_set_id).first()
        if rule_set is not None and not rule_set.is_draft:
            raise ValidationError(f"{rule_set} was published in the meantime. Nothing was saved.")
        data = super().clean() or self.cleaned_data
        target = data.get("target")
        if target == RoutingRule.Target.PERSON and not data.get("person"):
            self.add_error("person", "Choose the person who gets these leads.")
        if target in {RoutingRule.Target.POOL, RoutingRule.Target.QUEUE} and not data.get("team"):
            self.add_error("team", "Choose the team that gets these leads.")
        if target not in PEOPLE_TARGETS:
            data["when_nobody"] = RoutingRule.WhenNobody.NEXT_RULE
        queue = RoutingRule.WhenNobody.QUEUE
        if data.get("when_nobody") == queue and not data.get("fallback_queue"):
            self.add_error("fallback_queue", "Choose the queue for these leads.")
        return data


class ConditionsOfRule(VersionRows):
    model = RuleCondition
    form = ConditionForm
    formset = ConditionRows
    ordering = ["position", "pk"]
    ordering_field = "position"
    hide_ordering_field = True
    verbose_name = "condition"
    verbose_name_plural = "conditions: a rule without conditions matches all leads"

    def version_of(self, obj: Any) -> Version | None:
        return obj.rule_set if isinstance(obj, RoutingRule) and obj.rule_set_id else None

    @cached_property
    def catalog(self) -> Catalog:
        return live_catalog()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["field", "operator", "value", "position"] if self._is_open(obj) else ["words"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if self._is_open(obj) else ["words"]

    @display(description="condition")
    def words(self, row: RuleCondition) -> str:
        return words_of(row.field, row.operator, row.value, self.catalog)


@admin.register(RoutingRule)
class RoutingRuleAdmin(OffersPeople, WithCatalog):
    form = RuleForm
    warn_unsaved_form = True
    fieldsets = [
        (None, {"fields": ["seen", "rule_set", "name", "rationale", ("is_active", "match")]}),
        (
            "Assignment",
            {
                "fields": [
                    "target",
                    "person",
                    "team",
                    "policy_code",
                    "requires_working_hours",
                    "when_nobody",
                    "fallback_queue",
                ]
            },
        ),
    ]
    conditional_fields = {
        "person": "target == 'person'",
        "team": "target == 'pool' || target == 'queue'",
        "policy_code": "target != 'nurture'",
        "requires_working_hours": NAMES_PEOPLE,
        "when_nobody": NAMES_PEOPLE,
        "fallback_queue": f"{NAMES_PEOPLE} && when_nobody == 'queue'",
    }
    inlines = [ConditionsOfRule]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the rule set, which lists its rules in order."""
        return redirect(working_rule_set_url())

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: RoutingRule | None = None) -> bool:
        is_open = obj is None or obj.rule_set.is_draft
        return is_open and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: RoutingRule | None = None) -> bool:
        is_open = obj is None or obj.rule_set.is_draft
        return is_open and super().has_delete_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["rule_set"] if obj else []

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "rule_set":
            kwargs["queryset"] = RuleSet.objects.filter(status=ContentStatus.DRAFT)
        if db_field.name in {"team", "fallback_queue"}:
            active = db_field.related_model._default_manager.filter(is_active=True)
            kwargs["queryset"] = active.order_by("name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: RoutingRule, form: Any, change: bool) -> None:
        if not change:
            obj.position = publishing.place_before_last(obj.rule_set)
        super().save_model(request, obj, form, change)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return redirect("admin:handoff_ruleset_change", obj.rule_set_id)

    response_post_save_add = response_post_save_change

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        super().response_delete(request, obj_display, obj_id)
        return redirect(working_rule_set_url())


def working_rule_set_url(request: HttpRequest | None = None) -> str:
    """Return the page of the newest draft, else of the live version, else the list."""
    order = {ContentStatus.DRAFT: 0, ContentStatus.PUBLISHED: 1}
    rows = RuleSet.objects.filter(status__in=order).values_list("status", "version", "pk")
    best = min(rows, key=lambda row: (order[ContentStatus(row[0])], -row[1]), default=None)
    if best is None:
        return reverse("admin:handoff_ruleset_changelist")
    return reverse("admin:handoff_ruleset_change", args=[best[2]])
