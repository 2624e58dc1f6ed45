"""Which roles may open a page; what they see on it is decided in the querysets."""

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
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from core.permissions import Right
from people.requests import signed_in

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
SIGNED_OUT: Final = "You were signed out; nothing was saved."


def right_required(*rights: Right) -> Callable[[View], View]:
    """Strangers are asked to sign in, whoever has none of the rights is refused."""

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
    """Strangers are asked to sign in; a form leads them back to its page, not to its address."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method in {"GET", "HEAD"}:
            return redirect_to_login(request.get_full_path())
        messages.warning(request, SIGNED_OUT)
        return redirect_to_login(page_of_form(request))

    return guarded  # type: ignore[return-value]  # same arguments as the view it guards


def page_of_form(request: HttpRequest) -> str:
    """Where a form was filled in, if that was here, else home."""
    asked_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(asked_from, {request.get_host()}):
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    return urlsplit(asked_from)._replace(scheme="", netloc="", fragment="").geturl()
