"""Decorators that limit who can open a page; querysets limit what they see on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from core.permissions import Right
from people.requests import signed_in

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
SIGNED_OUT: Final = "You were signed out, so nothing was saved."


def right_required(*rights: Right) -> Callable[[View], View]:
    """Refuse users who have none of the rights; send anonymous ones to sign in."""

    def decorate(view: View) -> View:
        @sign_in_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = signed_in(request)
            if not any(user.may(right) for right in rights):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded  # type: ignore[return-value]  # same arguments as the view it guards

    return decorate


def sign_in_required(view: View) -> View:
    """Send anonymous users to sign in, and from a form back to the page it was on."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method in {"GET", "HEAD"}:
            sign_in = redirect_to_login(request.get_full_path())
        else:
            messages.warning(request, SIGNED_OUT)
            sign_in = redirect_to_login(page_of_form(request))
        # The whole page goes there, not a part of it.
        return (
            HttpResponseClientRedirect(sign_in.url) if "HX-Request" in request.headers else sign_in
        )

    return guarded  # type: ignore[return-value]  # same arguments as the view it guards


def form_of(page: str | Callable[..., str]) -> Callable[[View], View]:
    """Accept what a form posts; answer its address, opened by hand, with the page it is on.

    `page` is a URL name, or returns an address for the arguments of the view.
    """

    def decorate(view: View) -> View:
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "POST":
                return view(request, *args, **kwargs)
            return redirect(page(request, *args, *kwargs.values()) if callable(page) else page)

        return guarded  # type: ignore[return-value]  # same arguments as the view it guards

    return decorate


def page_of_form(request: HttpRequest) -> str:
    """Return the page of ours that a form was on, else the home page."""
    referrer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referrer, {request.get_host()}):
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    return urlsplit(referrer)._replace(scheme="", netloc="", fragment="").geturl()


def next_page(request: HttpRequest) -> str:
    """Return the page of ours that a form names as its `next`, or an empty text."""
    page = request.POST.get("next", "")
    is_ours = page.startswith("/") and url_has_allowed_host_and_scheme(page, {request.get_host()})
    return page if is_ours else ""
