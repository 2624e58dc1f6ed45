"""Versions of the routing rules: their pages are those of the rule editor."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core.admin_base import action
from core.versioning.editors import EditorAdmin
from handoff.admin.rule_editor import views
from handoff.admin.rule_editor.pages import Editor, read_editor
from handoff.models import RuleSet
from handoff.routing import publishing


@admin.register(RuleSet)
class RuleSetAdmin(EditorAdmin[RuleSet]):
    fields = ["name", "note"]
    actions_detail = ["try_lead", "copy", "publish"]
    review_template = "handoff/rules/review.html"
    start = views.WORKING_RULES

    def list_page(self, request: HttpRequest) -> HttpResponse:
        return views.history_page(request)

    def row_page(self, request: HttpRequest, row: RuleSet) -> HttpResponse:
        return views.rule_set_page(request, row)

    def save(self, request: HttpRequest, row: RuleSet) -> HttpResponse:
        return views.save_settings(request, row)

    def read_editor(self, request: HttpRequest, version: RuleSet) -> Editor:
        return read_editor(version, timezone.now())

    def siblings(self, version: RuleSet) -> QuerySet[RuleSet]:
        return RuleSet.objects.all()

    @action(description="Test a lead", icon="science", permissions=["view"])
    def try_lead(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return views.try_page(request, self._get(request, object_id))

    def do_copy(self, version: RuleSet) -> RuleSet:
        return publishing.copy_to_draft(version)

    def publish_with_note(self, version: RuleSet, by: Any, note: str) -> str:
        publishing.publish(rule_set=version, by=by, at=timezone.now(), note=note)
        return f"Version {version.version} is live. New leads are routed by it."
