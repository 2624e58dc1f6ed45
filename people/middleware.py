from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from core.formatting import AMERICAN, shown_in, use_formats


class LocalTimeMiddleware:
    """Show dates, times and numbers in the time zone and the formats of the signed-in user."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with timezone.override(None), shown_in(AMERICAN):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        # Only views that a session cannot authenticate go without CSRF protection. They stay in
        # UTC and never load the session, so no answer of the API sets a cookie.
        if getattr(view, "csrf_exempt", False):
            return
        # The user itself: Django's lazy one costs a call for every attribute.
        request.user = user = get_user(request)
        if user.is_authenticated:
            timezone.activate(user.zone)
            use_formats(user.formats)
