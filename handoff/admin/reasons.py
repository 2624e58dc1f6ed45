"""Reasons of rejections, losses and reversals: their pages are those of the reason editor.

Reasons are deactivated, never deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from core.page_admin import Act, PageAdmin
from handoff.admin.reason_editor import views
from handoff.admin.reason_editor.kinds import KINDS, ReasonKind
from handoff.models import LossReason, RejectionReason, ReversalReason

R = TypeVar("R", RejectionReason, LossReason, ReversalReason)


@admin.register(RejectionReason, LossReason, ReversalReason)
class ReasonAdmin(PageAdmin[R]):
    @property
    def kind(self) -> ReasonKind:
        return KINDS[self.model]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        return views.reasons_page(request, self.kind)

    def row_page(self, request: HttpRequest, row: R) -> HttpResponse:
        if not self.has_change_permission(request, row):
            return self.list_page(request)
        return views.form_page(request, self.kind, row)

    def save(self, request: HttpRequest, row: R) -> HttpResponse:
        return views.save(request, self.kind, row)

    def add_page(self, request: HttpRequest) -> HttpResponse:
        answer = views.save if request.method == "POST" else views.form_page
        return answer(request, self.kind, None)

    def acts(self) -> Mapping[str, Act]:
        return {"move": views.move, "switch": views.switch}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
