"""Reasons of rejections, losses and reversals: their pages are those of the reason editor.

Reasons are deactivated, never deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from core.admin_base import Admin
from handoff.admin.reason_editor import views
from handoff.admin.reason_editor.kinds import KINDS, ReasonKind
from handoff.models import LossReason, RejectionReason, ReversalReason

R = TypeVar("R", RejectionReason, LossReason, ReversalReason)
Act = Callable[[HttpRequest, ReasonKind, Any], HttpResponse]


@admin.register(RejectionReason, LossReason, ReversalReason)
class ReasonAdmin(Admin[R]):
    @property
    def kind(self) -> ReasonKind:
        return KINDS[self.model]

    def get_urls(self) -> list[URLPattern]:
        acts: dict[str, Act] = {"move": views.move, "switch": views.switch}
        own: list[URLPattern] = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(self._view_of(act)),
                name=f"handoff_{self.kind.name}_{name}",
            )
            for name, act in acts.items()
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return views.reasons_page(request, self.kind)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        reason = self.get_object(request, object_id)
        if reason is None:
            return self._missing(request, object_id)
        if self.has_change_permission(request, reason):
            answer = views.save if request.method == "POST" else views.form_page
            return answer(request, self.kind, reason)
        if request.method == "POST" or not self.has_view_permission(request, reason):
            raise PermissionDenied
        return views.reasons_page(request, self.kind)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        answer = views.save if request.method == "POST" else views.form_page
        return answer(request, self.kind, None)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _view_of(self, act: Act) -> Callable[..., HttpResponse]:
        def answer(request: HttpRequest, object_id: str) -> HttpResponse:
            reason = self.get_object(request, object_id)
            if reason is None:
                return self._missing(request, object_id)
            if not self.has_change_permission(request, reason):
                raise PermissionDenied
            if request.method != "POST":
                return redirect(self.kind.address("changelist"))
            return act(request, self.kind, reason)

        return answer

    def _missing(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined, no-any-return]
            request, self.opts, object_id
        )
