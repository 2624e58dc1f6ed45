"""Versions of SLA policies: their pages are those of the policy editor."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core.admin_base import action
from core.versioning.editors import EditorAdmin
from handoff.admin.policy_editor import views
from handoff.admin.policy_editor.reading import PolicyEditor, read_editor
from handoff.models import SlaPolicy
from handoff.sla import versions


@admin.register(SlaPolicy)
class SlaPolicyAdmin(EditorAdmin[SlaPolicy]):
    fields = ["name"]
    actions_detail = ["timers", "copy", "publish"]
    review_template = "handoff/policies/review.html"
    start = views.LIST

    def list_page(self, request: HttpRequest) -> HttpResponse:
        return views.list_page(request)

    def row_page(self, request: HttpRequest, row: SlaPolicy) -> HttpResponse:
        return views.policy_page(request, row)

    def save(self, request: HttpRequest, row: SlaPolicy) -> HttpResponse:
        return views.save(request, row)

    def read_editor(self, request: HttpRequest, version: SlaPolicy) -> PolicyEditor:
        return read_editor(version, timezone.now())

    def siblings(self, version: SlaPolicy) -> QuerySet[SlaPolicy]:
        return SlaPolicy.objects.filter(code=version.code)

    @action(description="Timers", icon="timer", permissions=["view"])
    def timers(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return views.timers_page(request, self._get(request, object_id))

    def do_copy(self, version: SlaPolicy) -> SlaPolicy:
        return versions.copy_to_draft(version)

    def publish_with_note(self, version: SlaPolicy, by: Any, note: str) -> str:
        versions.publish(policy=version, by=by, at=timezone.now(), note=note)
        return f"{version} is live. New leads get their SLA targets from it."
