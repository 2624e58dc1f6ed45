"""One rule: its page, and what changes it. The page is that of its rule set, with the rule open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from core.page_admin import Act, PageAdmin
from core.permissions import Right
from core.versioning.editors import sent_id
from core.versioning.models import ContentStatus
from handoff.admin.rule_editor import editing, views
from handoff.models import RoutingRule, RuleSet
from people.choices import OffersPeople, offer_people

offer_people(RoutingRule, person=(Right.ANSWER_HANDOFFS,))

# Returns the rule that is open afterwards, and the words for a screen reader.
Change = Callable[[HttpRequest, RoutingRule], tuple[RoutingRule | None, str]]


@admin.register(RoutingRule)
class RoutingRuleAdmin(OffersPeople, PageAdmin[RoutingRule]):
    def get_queryset(self, request: HttpRequest) -> QuerySet[RoutingRule]:
        related = ("rule_set", "person", "team", "fallback_queue")
        return super().get_queryset(request).select_related(*related).prefetch_related("conditions")

    def list_page(self, request: HttpRequest) -> HttpResponse:
        """Redirect to the rule set, which lists its rules in order."""
        return redirect(working_rule_set_url())

    def row_page(self, request: HttpRequest, row: RoutingRule) -> HttpResponse:
        return views.rule_set_page(request, row.rule_set, rule=row)

    def save(self, request: HttpRequest, row: RoutingRule) -> HttpResponse:
        return views.save(request, row)

    def add_page(self, request: HttpRequest) -> HttpResponse:
        """Add a rule before another one, or before the last one, and open it."""
        if request.method != "POST":
            return redirect(working_rule_set_url())
        rule_set_id = sent_id(request.POST.get("rule_set"))
        before = sent_id(request.POST.get("before")) or None

        def add() -> tuple[RoutingRule, str]:
            rule = editing.add_rule(rule_set_id, before=before)
            return self._fresh(request, rule), f"Rule {rule.position + 1} is new"

        return views.change(request, rule_set_id, add)

    def acts(self) -> Mapping[str, Act]:
        acts = {"move": move, "duplicate": duplicate, "switch": switch}
        return {name: partial(self._run, act) for name, act in acts.items()}

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        rule = self.get_object(request, object_id)
        if rule is None:
            return self.missing(request, object_id)
        if not self.has_delete_permission(request, rule):
            raise PermissionDenied
        if request.method != "POST":
            return redirect("admin:handoff_routingrule_change", rule.pk)

        def delete() -> tuple[None, str]:
            return None, f"Deleted the rule {editing.delete_rule(rule.pk).name}"

        return views.change(request, rule.rule_set_id, delete)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: RoutingRule | None = None) -> bool:
        is_open = obj is None or obj.rule_set.is_draft
        return is_open and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: RoutingRule | None = None) -> bool:
        is_open = obj is None or obj.rule_set.is_draft
        return is_open and super().has_delete_permission(request, obj)

    def _run(self, act: Change, request: HttpRequest, rule: RoutingRule) -> HttpResponse:
        def run() -> tuple[RoutingRule | None, str]:
            opened, announcement = act(request, rule)
            return (self._fresh(request, opened) if opened else None), announcement

        return views.change(request, rule.rule_set_id, run)

    def _fresh(self, request: HttpRequest, rule: RoutingRule) -> RoutingRule:
        return self.get_queryset(request).get(pk=rule.pk)


def move(request: HttpRequest, rule: RoutingRule) -> tuple[RoutingRule | None, str]:
    before = sent_id(request.POST.get("before")) or None
    place = editing.move_rule(rule.pk, to=request.POST.get("to", ""), before=before)
    is_open = request.POST.get("is_open") == "yes"
    return (rule if is_open else None), f"{rule.name} is now rule {place}"


def duplicate(request: HttpRequest, rule: RoutingRule) -> tuple[RoutingRule | None, str]:
    copy = editing.duplicate_rule(rule.pk)
    return copy, f"{copy.name} is rule {copy.position + 1}"


def switch(request: HttpRequest, rule: RoutingRule) -> tuple[RoutingRule | None, str]:
    is_active = request.POST.get("to") == "on"
    editing.switch_rule(rule.pk, is_active=is_active)
    return rule, f"{rule.name} is {'on' if is_active else 'off'}"


def working_rule_set_url() -> str:
    """Return the page of the newest draft, else of the live version, else the list."""
    order = {ContentStatus.DRAFT: 0, ContentStatus.PUBLISHED: 1}
    rows = RuleSet.objects.filter(status__in=order).values_list("status", "version", "pk")
    best = min(rows, key=lambda row: (order[ContentStatus(row[0])], -row[1]), default=None)
    if best is None:
        return reverse("admin:handoff_ruleset_changelist")
    return reverse("admin:handoff_ruleset_change", args=[best[2]])
