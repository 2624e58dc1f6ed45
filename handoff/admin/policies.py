"""Versions of SLA policies: their pages are those of the policy editor."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.admin_base import action
from core.versioning.admin import VersionAdmin
from core.versioning.models import ContentStatus
from handoff.admin.policy_editor import views
from handoff.models import SlaPolicy
from handoff.sla import versions


@admin.register(SlaPolicy)
class SlaPolicyAdmin(VersionAdmin[SlaPolicy]):
    fields = ["name"]
    actions_detail = ["copy", "publish"]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        policy = self.get_object(request, object_id)
        if policy is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined, no-any-return]
                request, self.opts, object_id
            )
        if request.method == "POST":
            if not self.has_change_permission(request, policy):
                raise PermissionDenied
            return views.save(request, policy)
        if not self.has_view_or_change_permission(request, policy):
            raise PermissionDenied
        return views.policy_page(request, policy)

    @action(description="Edit", icon="edit", permissions=["copy"])
    def copy(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Open the draft of the live version, or make one. Older versions can be copied too."""
        version = self._get(request, object_id)
        if version.status == ContentStatus.PUBLISHED:
            drafts = SlaPolicy.objects.filter(code=version.code, status=ContentStatus.DRAFT)
            if draft := drafts.order_by("-version").first():
                return redirect(self.url_of(draft))
        return super().copy(request, object_id=object_id)

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
        return views.list_page(request)

    def do_copy(self, version: SlaPolicy) -> SlaPolicy:
        return versions.copy_to_draft(version)
