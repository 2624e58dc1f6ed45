"""Handlers of errors outside any view."""

import sys
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseServerError
from django.template.loader import render_to_string
from django.views import defaults

from api.problem_details import not_found_response
from core.null_characters import REFUSAL, has_null_character
from core.outages import RETRY_AFTER, outage_text

CSRF_FIELD: Final = "csrfmiddlewaretoken"
# The page of an outage does not contain fields with this in their names.
PASSWORD: Final = "password"  # noqa: S105  (not a secret)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path_info.startswith("/api/"):
        return not_found_response()
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Show the error page in the reader's theme, or without the request if that fails, too."""
    error = sys.exc_info()[1]
    if outage_text(error):
        return unavailable(request)
    if has_null_character(error):
        return null_character(request)
    try:
        return HttpResponseServerError(render_to_string("500.html", request=request))
    except Exception:
        return defaults.server_error(request)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Show a page that reloads by itself, or has what was entered, to be sent once more."""
    entered = entered_fields(request)
    kept = [(name, value) for name, value in entered if PASSWORD not in name]
    lost = {
        "passwords": len(kept) < len(entered),
        "files": is_from_a_page(request) and bool(request.FILES),
    }
    context = {
        "fields": kept,
        "lost": [name for name, is_lost in lost.items() if is_lost],
        "retry_after": RETRY_AFTER,
    }
    return HttpResponse(
        render_to_string("503.html", context, request=request),
        status=503,
        headers={"Retry-After": RETRY_AFTER, "Cache-Control": "private, no-store"},
    )


def null_character(request: HttpRequest) -> HttpResponse:
    """Refuse in words; a form that htmx sent stays on the page, which shows the plain text."""
    if request.headers.get("HX-Request"):
        return HttpResponse(REFUSAL, status=400, content_type="text/plain")
    page = render_to_string("400.html", {"text": REFUSAL}, request=request)
    return HttpResponseBadRequest(page)


def is_from_a_page(request: HttpRequest) -> bool:
    return request.method == "POST" and getattr(request, "csrf_processing_done", False)


def entered_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the fields of a form that came from a page of ours."""
    if not is_from_a_page(request):
        return []
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != CSRF_FIELD
    ]
