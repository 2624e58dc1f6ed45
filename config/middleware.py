from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.middleware.gzip import GZipMiddleware
from django.template.loader import render_to_string

Handler = Callable[[HttpRequest], HttpResponseBase]
DENSE: Final = ("font/", "image/")  # starts of content types that compression makes no smaller
DRAWING: Final = "image/svg+xml"


class CompressionMiddleware(GZipMiddleware):
    """Compress pages, and files of text that are not stored compressed.

    Parts of files stay as they are, and so does an answer that has no body to compress.
    """

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        kind = response.get("Content-Type", "")
        is_dense = kind.startswith(DENSE) and not kind.startswith(DRAWING)
        is_part = response.status_code == HTTPStatus.PARTIAL_CONTENT
        if is_dense or is_part or request.method == "HEAD":
            return response
        return super().process_response(request, response)


class PolicyMiddleware(CSPMiddleware):
    """Write the policy of most pages without building it for each, a tenth of an empty page."""

    def __init__(self, get_response: Handler) -> None:
        super().__init__(get_response)
        self._policy = build_policy()

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        changes = any(name.startswith("_csp_") for name in (*vars(response), *vars(request)))
        if changes or settings.DEBUG:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._policy)
        return response


def method_not_allowed_page(get_response: Handler) -> Handler:
    """Show a page where Django answers a wrong method with an empty one: it has no handler405."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            response.content = render_to_string("405.html", request=request)
        return response

    return middleware


def private_pages(get_response: Handler) -> Handler:
    """Keep pages of a session out of every cache, the browser's included."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.session.accessed and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response

    return middleware


def permissions_policy(get_response: Handler) -> Handler:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Permissions-Policy"] = settings.PERMISSIONS_POLICY
        return response

    return middleware
