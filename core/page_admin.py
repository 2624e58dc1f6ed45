"""Show pages of the product at the addresses of the admin, with the admin's checks of rights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from core.admin_base import Admin

M = TypeVar("M", bound=models.Model)
Act = Callable[[HttpRequest, Any], HttpResponse]


class PageAdmin(Admin[M]):
    """Check who may open the pages of a model, and who may send them."""

    def list_page(self, request: HttpRequest) -> HttpResponse:
        raise NotImplementedError

    def row_page(self, request: HttpRequest, row: M) -> HttpResponse:
        raise NotImplementedError

    def save(self, request: HttpRequest, row: M) -> HttpResponse:
        raise NotImplementedError

    def add_page(self, request: HttpRequest) -> HttpResponse:
        """Show the page that adds a row, or save what it sends."""
        raise NotImplementedError

    def acts(self) -> Mapping[str, Act]:
        """Return what else is sent to the address of a row, by the last part of that address."""
        return {}

    def get_urls(self) -> list[URLPattern]:
        opts = self.model._meta
        own = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(self._view_of(act)),
                name=f"{opts.app_label}_{opts.model_name}_{name}",
            )
            for name, act in self.acts().items()
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return self.list_page(request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self.add_page(request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return self.missing(request, object_id)
        if request.method == "POST":
            if not self.has_change_permission(request, row):
                raise PermissionDenied
            return self.save(request, row)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        return self.row_page(request, row)

    def missing(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined, no-any-return]
            request, self.opts, object_id
        )

    def _view_of(self, act: Act) -> Callable[..., HttpResponse]:
        def answer(request: HttpRequest, object_id: str) -> HttpResponse:
            row = self.get_object(request, object_id)
            if row is None:
                return self.missing(request, object_id)
            if not self.has_change_permission(request, row):
                raise PermissionDenied
            if request.method != "POST":
                return redirect(
                    f"admin:{self.opts.app_label}_{self.opts.model_name}_change", row.pk
                )
            return act(request, row)

        return answer
