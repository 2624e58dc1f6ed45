"""The base of the API's views: they require a key and answer in JSON."""

from __future__ import annotations

from collections.abc import Iterable

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import HasScope, KeyAuthentication, KeyThrottle
from api.keys import Caller
from api.requests import drain


class JsonOnly(BaseContentNegotiation):
    """Answer in JSON, whatever the client accepts."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


class KeyView(APIView):
    content_negotiation_class = JsonOnly
    authentication_classes = [KeyAuthentication]
    permission_classes = [HasScope]
    throttle_classes = [KeyThrottle]
    required_scope: str

    def handle_exception(self, exc: Exception) -> Response:
        drain(self.request)
        return super().handle_exception(exc)


def authenticated_caller(request: Request) -> Caller:
    caller = request.auth
    assert isinstance(caller, Caller), "HasScope requires a key"
    return caller
