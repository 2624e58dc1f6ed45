"""Rule sets with their rules in drag order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin_base import CodeListField, GuardedForm, action, display
from core.criteria.fields import Catalog
from core.versioning.admin import VersionAdmin, VersionRows
from core.versioning.models import ContentStatus
from handoff.admin.rule_editor.pages import read_versions
from handoff.admin.rule_editor.views import rule_set_page
from handoff.admin.rules import PEOPLE_TARGETS
from handoff.admin.try_lead import try_one_lead
from handoff.models import RoutingRule, RuleSet
from handoff.routing import publishing
from leads.admin.conditions import (
    field_choices,
    words_of,
)
from leads.field_catalog import CATALOG
from leads.live_catalog import live_catalog
from people.models import User


class RuleSetForm(GuardedForm):
    required_fields = CodeListField(
        required=False,
        help_text="A lead with two of these unknown goes to nurture.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "required_fields" in self.fields:
            required = self.fields["required_fields"]
            assert isinstance(required, forms.MultipleChoiceField)
            required.choices = field_choices(live_catalog())[1:]

    def rows_of(self, instance: RuleSet) -> Sequence[QuerySet[Any, Any]]:
        return (instance.rules.values(),)


class RuleRowForm(forms.ModelForm[RoutingRule]):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "is_active" in self.fields:
            self.fields["is_active"].widget.attrs["aria-label"] = f"{self.instance.name} is active"


class RuleRows(VersionRows):
    model = RoutingRule
    form = RuleRowForm
    ordering = ["position", "pk"]
    ordering_field = "position"
    hide_ordering_field = True
    fields = ["link", "when", "then", "is_active", "position"]
    readonly_fields = ["link", "when", "then"]
    verbose_name = "rule"
    verbose_name_plural = "rules: evaluated in order, the first match with an available rep wins"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoutingRule]:
        rules = super().get_queryset(request).select_related("person", "team", "fallback_queue")
        return rules.prefetch_related("conditions")

    @cached_property
    def catalog(self) -> Catalog:
        return live_catalog()

    @display(description="rule")
    def link(self, rule: RoutingRule) -> SafeString:
        url = reverse("admin:handoff_routingrule_change", args=[rule.pk])
        return format_html('<a class="rule-link" href="{}">{}</a>', url, rule.name)

    @display(description="conditions")
    def when(self, rule: RoutingRule) -> str:
        rows = sorted(rule.conditions.all(), key=lambda row: (row.position, row.pk))
        joint = " or " if rule.match == RoutingRule.Match.ANY else " and "
        words = (words_of(row.field, row.operator, row.value, self.catalog) for row in rows)
        return joint.join(words) or "All leads"

    @display(description="assigns to")
    def then(self, rule: RoutingRule) -> str:
        return target_in_words(rule)


def target_in_words(rule: RoutingRule) -> str:
    named = {
        RoutingRule.Target.PERSON: f"{rule.person}",
        RoutingRule.Target.POOL: f"Round robin: {rule.team}",
        RoutingRule.Target.QUEUE: f"{rule.team} queue",
    }
    parts = [named.get(RoutingRule.Target(rule.target), rule.get_target_display())]
    if rule.target in PEOPLE_TARGETS and rule.when_nobody == RoutingRule.WhenNobody.QUEUE:
        parts.append(f"If no one is available: {rule.fallback_queue} queue")
    if rule.policy_code:
        parts.append(f"SLA: {rule.policy_code}")
    return ". ".join(parts)


@admin.register(RuleSet)
class RuleSetAdmin(VersionAdmin[RuleSet]):
    form = RuleSetForm
    list_display = ["title", "state", "note", "published_at", "published_by"]
    list_filter = ["status"]
    fieldsets = [
        (None, {"fields": ["seen", "name", ("version", "state"), "note", "required_fields"]}),
        ("Published", {"fields": [("published_at", "published_by")]}),
    ]
    readonly_fields = [*VersionAdmin.readonly_fields, "required_labels"]
    inlines = [RuleRows]
    actions_detail = ["add_rule", "try_lead", "copy", "publish"]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if request.method != "GET" or object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        rule_set = self.get_object(request, object_id)
        if rule_set is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        if not self.has_view_or_change_permission(request, rule_set):
            raise PermissionDenied
        return rule_set_page(self, request, rule_set)

    def get_fieldsets(self, request: HttpRequest, obj: RuleSet | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return fieldsets
        first = ["name", ("version", "state"), "note", "required_labels"]
        return [(None, {"fields": first}), *fieldsets[1:]]

    @display(description="required fields")
    def required_labels(self, rule_set: RuleSet) -> str:
        """Return the labels of the required fields, for users who may not edit them."""
        return ", ".join(CATALOG[code].label for code in rule_set.required_fields)

    def has_draft_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("handoff.add_routingrule") and self._is_draft(
            request, object_id
        )

    @action(description="Edit", icon="edit", permissions=["copy"])
    def copy(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Open the draft of the live version, or make one. Older versions can be copied too."""
        version, draft = self._get(request, object_id), read_versions().draft
        if draft is not None and version.status == ContentStatus.PUBLISHED:
            return redirect(self.url_of(draft))
        return super().copy(request, object_id=object_id)

    @action(description="Add a rule", icon="add", permissions=["draft"])
    def add_rule(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(f"{reverse('admin:handoff_routingrule_add')}?rule_set={object_id}")

    @action(description="Try one lead", icon="science", permissions=["view"])
    def try_lead(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return try_one_lead(self, request, self._get(request, object_id))

    def problems(self, version: RuleSet) -> list[str]:
        return publishing.problems_of(version)

    def do_publish(self, version: RuleSet, by: User) -> None:
        publishing.publish(rule_set=version, by=by, at=timezone.now())

    def do_copy(self, version: RuleSet) -> RuleSet:
        return publishing.copy_to_draft(version)
