"""Handlers of errors outside any view."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string
from django.views import defaults

from api.problem_details import not_found_response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path_info.startswith("/api/"):
        return not_found_response()
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Show the error page in the reader's theme, or without the request if that fails, too."""
    try:
        return HttpResponseServerError(render_to_string("500.html", request=request))
    except Exception:
        return defaults.server_error(request)
