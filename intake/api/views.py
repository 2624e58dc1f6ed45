"""`POST /api/v1/touches/`: recognise, check, take in, answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from intake.api import schema
from intake.api.authentication import HasScope, KeyAuthentication, KeyThrottle
from intake.api.requests import idempotency_key, read_body, read_object
from intake.idempotency import Answer, Asked, hash_of, replay, take_in
from intake.keys import Caller
from intake.models import ApiKey
from intake.normalise import Vocabulary, normalise
from leads.configuration import Snapshot, configuration

vocabulary: Final = Snapshot(lambda: Vocabulary.of(configuration.now()))


class JsonOnly(BaseContentNegotiation):
    """There is one way to answer, whatever a client says it would accept."""

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


class TouchesView(APIView):
    content_negotiation_class = JsonOnly
    authentication_classes = [KeyAuthentication]
    permission_classes = [HasScope]
    throttle_classes = [KeyThrottle]
    required_scope = ApiKey.Scope.TOUCHES_WRITE.value

    @extend_schema(**schema.SEND_TOUCH)
    def post(self, request: Request) -> Response:
        caller = request.auth
        assert isinstance(caller, Caller), "HasScope lets nobody else pass"
        key = idempotency_key(request)
        body = read_body(request)
        asked = Asked(caller, key, hash_of(body))
        if caller.answer is not None:
            return answered(replay(caller.answer, asked.body_hash))
        at = timezone.now()
        given = read_object(body)
        given["source"] = given.get("source") or caller.source
        touch = normalise(given, vocabulary.at(caller.stamp), at=at)
        return answered(take_in(touch, asked, at=at, via="api"))


def answered(answer: Answer) -> Response:
    headers = {"Idempotency-Replayed": "true"} if answer.is_replay else None
    return Response(answer.response, status=answer.status, headers=headers)
