"""Touches come in: recognize, check, take in, answer. Leads go out as the page lists them."""

from __future__ import annotations

from typing import Final

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from api.idempotency import Answer, Asked, hash_of, replay, take_in
from api.key_view import KeyView, caller_of
from api.lead_list import FIELDS, read_piece
from api.lead_schema import LIST_LEADS
from api.models import ApiKey
from api.requests import idempotency_key, read_body, read_object
from api.schema import SEND_TOUCH
from core.pagination import Cursor
from core.snapshot import Snapshot
from intake.normalize import Vocabulary, normalize
from leads.configuration import configuration, current_stamp

vocabulary: Final = Snapshot(lambda: Vocabulary.of(configuration.now()), current_stamp)


class TouchesView(KeyView):
    required_scope = ApiKey.Scope.TOUCHES_WRITE.value

    @extend_schema(**SEND_TOUCH)
    def post(self, request: Request) -> Response:
        caller = caller_of(request)
        key = idempotency_key(request)
        body = read_body(request)
        asked = Asked(caller, key, hash_of(body))
        if caller.answer is not None:
            return answered(replay(caller.answer, asked.body_hash))
        at = timezone.now()
        given = read_object(body)
        if given.get("source") in (None, ""):
            given["source"] = caller.source
        touch = normalize(given, vocabulary.at(caller.stamp), at=at)
        return answered(take_in(touch, asked, at=at, via="api"))


def answered(answer: Answer) -> Response:
    headers = {"Idempotency-Replayed": "true"} if answer.is_replay else None
    return Response(answer.response, status=answer.status, headers=headers)


class LeadsView(KeyView):
    required_scope = ApiKey.Scope.LEADS_READ.value

    @extend_schema(**LIST_LEADS)
    def get(self, request: Request) -> Response:
        page = read_piece(request.query_params).page()
        return Response(
            {
                "next": href(request, page.after),
                "previous": href(request, page.before),
                "results": [dict(zip(FIELDS, row, strict=True)) for row in page.rows],
            }
        )


def href(request: Request, cursor: Cursor | None) -> str | None:
    """This address with another place in the list."""
    if cursor is None:
        return None
    return str(replace_query_param(request.build_absolute_uri(), "cursor", str(cursor)))
