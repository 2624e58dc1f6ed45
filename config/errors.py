"""The page of a bug."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string
from django.views import defaults


def broken(request: HttpRequest) -> HttpResponse:
    """In the theme one chose; Django's own way, which knows no request, if that breaks, too."""
    try:
        return HttpResponseServerError(render_to_string("500.html", request=request))
    except Exception:
        return defaults.server_error(request)
