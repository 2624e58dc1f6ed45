"""The base of the API's views: they require a key and answer in JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import HasScope, KeyAuthentication, KeyThrottle
from api.keys import Caller
from api.requests import drain
from api.throttle import Usage, policy_header
from core.parameters import parameter_problems


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
    # The query parameters that the view reads.
    parameters: frozenset[str] = frozenset()
    usage: Usage | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        problems = parameter_problems(request.query_params, self.parameters, called="parameter")
        if problems:
            raise ValidationError({name: [text] for name, text in problems.items()})

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Tell the client its limit, and how much of it is left once the request is counted."""
        final: Response = super().finalize_response(request, response, *args, **kwargs)
        # Not `request.auth`, which would authenticate again after the database failed to.
        caller = getattr(request._request, "auth", None)
        if isinstance(caller, Caller):
            final["RateLimit-Policy"] = policy_header(caller.requests_per_minute)
        if self.usage is not None:
            final["RateLimit"] = self.usage.header
        return final

    def handle_exception(self, exc: Exception) -> Response:
        drain(self.request)
        return super().handle_exception(exc)


def authenticated_caller(request: Request) -> Caller:
    caller = request.auth
    assert isinstance(caller, Caller), "HasScope requires a key"
    return caller
