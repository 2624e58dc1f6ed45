"""Base classes of the admin pages for versioned configuration."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from core.admin_base import Admin, action, confirm_page, display
from core.errors import Refused
from core.permissions import Right
from core.versioning.models import ContentStatus, Version
from core.versioning.publishing import NotReady

V = TypeVar("V", bound=Version)


def may_publish(user: Any) -> bool:
    return bool(user.is_authenticated and user.may(Right.PUBLISH))


class VersionAdmin(Admin[V]):
    """Drafts can be edited, published and deleted; other versions can be read and copied.

    The last fieldset shows when a version was published and by whom.
    """

    actions_detail = ["publish", "copy"]
    ordering = ["-version"]
    list_display_links = ["title"]
    readonly_fields = ["version", "state", "published_at", "published_by"]
    warn_unsaved_form = True
    actions = None

    def do_publish(self, version: V, by: Any) -> None:
        raise NotImplementedError

    def do_copy(self, version: V) -> V:
        raise NotImplementedError

    def problems(self, version: V) -> list[str]:
        return []

    @display(description="version")
    def title(self, version: V) -> str:
        return str(version)

    @display(
        description="state",
        label={"Draft": "warning", "Published": "success", "Retired": ""},
    )
    def state(self, version: V) -> str:
        return ContentStatus(version.status).label

    def get_fieldsets(self, request: HttpRequest, obj: V | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj is None or not obj.is_draft else fieldsets[:-1]

    def has_change_permission(self, request: HttpRequest, obj: V | None = None) -> bool:
        is_open = obj is None or obj.is_draft
        return is_open and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: V | None = None) -> bool:
        is_open = obj is None or obj.is_draft
        return is_open and super().has_delete_permission(request, obj)

    def has_publish_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may_publish(request.user) and self._is_draft(request, object_id)

    def has_add_permission(self, request: HttpRequest) -> bool:
        # A new version starts as a copy.
        return False

    def has_copy_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return super().has_add_permission(request) and not self._is_draft(request, object_id)

    @action(description="Publish", icon="publish", permissions=["publish"], variant="primary")
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = self._get(request, object_id)
        if request.method == "POST":
            try:
                self.do_publish(version, request.user)
            except Refused as refusal:
                problems = refusal.problems if isinstance(refusal, NotReady) else [str(refusal)]
                return self._confirm(request, version, problems, status=409)
            messages.success(request, f"{version} is published.")
            return redirect(self.url_of(version))
        return self._confirm(request, version, self.problems(version))

    @action(description="Copy to draft", icon="content_copy", permissions=["copy"])
    def copy(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = self._get(request, object_id)
        if request.method != "POST":
            return confirm_page(
                self,
                request,
                title=f"Copy {version} to a new draft",
                text="You can edit the copy. Leads are not affected until you publish it.",
                button="Copy to draft",
                back=self.url_of(version),
            )
        draft = self.do_copy(version)
        messages.success(request, f"{draft} is now a draft. Publish it when it is ready.")
        return redirect(self.url_of(draft))

    def url_of(self, version: Model) -> str:
        opts = version._meta
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[version.pk])

    def _confirm(
        self, request: HttpRequest, version: V, problems: list[str], status: int = 200
    ) -> HttpResponse:
        return confirm_page(
            self,
            request,
            title=f"Publish {version}",
            text="It applies to all new leads from now on. Leads in progress keep the version "
            "they started with. A published version cannot be edited.",
            button="Publish",
            back=self.url_of(version),
            problems=problems,
            status=status,
        )

    def _get(self, request: HttpRequest, object_id: str) -> V:
        version = self.get_object(request, object_id)
        if version is None:
            raise Http404
        return version

    def _is_draft(self, request: HttpRequest, object_id: str | None) -> bool:
        version = None if object_id is None else self.get_object(request, object_id)
        return version is None or version.is_draft
