"""Versions of the routing rules: their pages are those of the rule editor."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.admin_base import action
from core.versioning.admin import VersionAdmin
from core.versioning.models import ContentStatus
from handoff.admin.rule_editor import views
from handoff.admin.rule_editor.pages import read_versions
from handoff.models import RuleSet
from handoff.routing import publishing


@admin.register(RuleSet)
class RuleSetAdmin(VersionAdmin[RuleSet]):
    fields = ["name", "note"]
    actions_detail = ["try_lead", "copy", "publish"]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        rule_set = self.get_object(request, object_id)
        if rule_set is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined, no-any-return]
                request, self.opts, object_id
            )
        if request.method == "POST":
            if not self.has_change_permission(request, rule_set):
                raise PermissionDenied
            return views.save_settings(request, rule_set)
        if not self.has_view_or_change_permission(request, rule_set):
            raise PermissionDenied
        return views.rule_set_page(request, rule_set)

    @action(description="Edit", icon="edit", permissions=["copy"])
    def copy(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Open the draft of the live version, or make one. Older versions can be copied too."""
        version, draft = self._get(request, object_id), read_versions().draft
        if draft is not None and version.status == ContentStatus.PUBLISHED:
            return redirect(self.url_of(draft))
        return super().copy(request, object_id=object_id)

    @action(description="Test a lead", icon="science", permissions=["view"])
    def try_lead(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return views.try_page(request, self._get(request, object_id))

    @action(
        description="Review and publish", icon="publish", permissions=["publish"], variant="primary"
    )
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return views.review_page(request, self._get(request, object_id))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return views.history_page(request)

    def do_copy(self, version: RuleSet) -> RuleSet:
        return publishing.copy_to_draft(version)
