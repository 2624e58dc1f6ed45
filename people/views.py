"""Sign in, sign out, the way home, one's own password and one's notices."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from people.access import only_signed_in
from people.forms import ChangePasswordForm, SignInForm
from people.models import User
from people.notices import mark_read
from people.requests import HtmxRequest, signed_in
from people.roles import HOMES, Role

NOTICES_SHOWN = 50


class SignIn(LoginView):
    template_name = "people/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def dispatch(  # type: ignore[override]  # our middleware adds `htmx`
        self, request: HtmxRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if request.htmx:
            # The session ended while a part of a page asked: the page itself has to go and sign in.
            return HttpResponseClientRefresh()
        return super().dispatch(request, *args, **kwargs)


@method_decorator(only_signed_in, name="dispatch")
class ChangePassword(PasswordChangeView):
    template_name = "people/change_password.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("people:change_password")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        messages.success(self.request, "Your password is changed.")
        return super().form_valid(form)


@only_signed_in
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Go where this person's work is; somebody without a role is told whom to ask."""
    view_name = home_of(signed_in(request))
    return redirect(view_name) if view_name else render(request, "people/home.html")


def home_of(user: User) -> str | None:
    if user.is_superuser:
        return HOMES[Role.OPERATIONS]
    return next((view_name for role, view_name in HOMES.items() if role in user.roles), None)


@only_signed_in
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    mine = signed_in(request).notices.filter(deliver_at__lte=timezone.now())
    shown = mine.order_by("-created_at", "-pk")[:NOTICES_SHOWN]
    return render(request, "people/notices.html", {"notices": shown})


@only_signed_in
@require_POST
def read_notices(request: HttpRequest) -> HttpResponse:
    mark_read(signed_in(request), at=timezone.now())
    return redirect("people:notices")
