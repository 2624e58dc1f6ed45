"""The admin site: access, sign-in, content security policy and audit."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any

from csp.decorators import csp
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string

from core.admin_base import ProductPage
from core.history import recorded_for
from core.permissions import Right
from people.models import User
from people.requests import signed_in
from people.views import SignOut
from workspace.backoffice.sidebar import SEES_OVERVIEW, sidebar_of

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite as BaseSite
else:
    from unfold.sites import UnfoldAdminSite as BaseSite

View = Callable[..., HttpResponseBase]


class OperationsSite(BaseSite):
    index_title = "Overview"

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        own = {"has_permission": True, "sidebar_navigation": sidebar_of(signed_in(request))}
        return self.frame | own

    @cached_property
    def frame(self) -> dict[str, Any]:
        """Keep what the theme puts on all pages alike, and would make anew for each."""
        anonymous = HttpRequest()
        anonymous.user, anonymous.META["SCRIPT_NAME"] = AnonymousUser(), ""
        frame: dict[str, Any] = super().each_context(anonymous)
        return frame | {"color_style": render_to_string("admin/color_style.html", frame)}

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """List the models of an app on its page only: elsewhere the sidebar has the pages."""
        return super().get_app_list(request, app_label) if app_label else []

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        if not isinstance(user, User) or not user.is_active:
            return False
        return user.may(Right.OPEN_ADMIN)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Send users without the overview right, such as marketers, to the campaigns."""
        if not request.user.has_perm(SEES_OVERVIEW):
            return redirect("admin:leads_campaign_changelist")
        return super().index(request, extra_context)

    def admin_view(self, view: View, cacheable: bool = False) -> Any:
        """Use the product's sign-in and record who makes each change."""
        inner = super().admin_view(view, cacheable)

        def under_policy(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            response = inner(request, *args, **kwargs)
            if isinstance(response, ProductPage):
                return response
            return csp(settings.ADMIN_CONTENT_SECURITY_POLICY)(lambda _: response)(request)

        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not self.has_permission(request):
                raise PermissionDenied
            if request.method != "POST":
                return under_policy(request, *args, **kwargs)
            with recorded_for(user_id=request.user.pk, path=request.path):
                return under_policy(request, *args, **kwargs)

        return answer

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect_to_login(request.GET.get("next") or settings.LOGIN_REDIRECT_URL)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return SignOut.as_view()(request)
