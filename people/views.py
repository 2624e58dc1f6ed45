"""Sign in, sign out, the way home, and the notices of the person who is signed in."""

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from people.forms import SignInForm
from people.models import User
from people.roles import HOMES

NOTICES_SHOWN = 50


class SignIn(LoginView):
    template_name = "people/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        htmx = cast(HtmxDetails, getattr(request, "htmx"))  # noqa: B009
        if htmx:
            # The session ended while a part of a page asked: the page itself has to go and sign in.
            return HttpResponseClientRefresh()
        return super().dispatch(request, *args, **kwargs)


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Go where this person's work is; somebody without a role is told whom to ask."""
    user = cast(User, request.user)
    if user.is_superuser:
        return redirect("admin:index")
    for role, view_name in HOMES.items():
        if role in user.roles:
            return redirect(view_name)
    return render(request, "people/home.html")


@login_required
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    mine = cast(User, request.user).notices.filter(deliver_at__lte=timezone.now())
    shown = mine.order_by("-created_at", "-pk")[:NOTICES_SHOWN]
    return render(request, "people/notices.html", {"notices": shown})


@login_required
@require_POST
def read_notices(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    cast(User, request.user).notices.filter(read_at=None, deliver_at__lte=now).update(read_at=now)
    return redirect("people:notices")
