from __future__ import annotations

from functools import partial
from typing import Final

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from api.authentication import HasKey
from api.idempotency import (
    IdempotentCall,
    TouchAnswer,
    hash_bytes,
    hash_values,
    receive_once,
    replay,
)
from api.key_view import KeyView, authenticated_caller
from api.lead_detail import lead_detail
from api.lead_list import PARAMETERS, parse_query
from api.lead_schema import LIST_LEADS, READ_LEAD
from api.models import ApiKey
from api.requests import idempotency_key, is_strict, parse_object, read_body
from api.schema import SEND_TOUCH
from core.pagination import Cursor
from core.snapshot import Snapshot
from intake.normalize import Vocabulary, check_nothing_set_aside, normalize
from leads.configuration import configuration, current_stamp
from leads.normalization.values import BadValue


def refuse_account_owner(_value: object) -> object:
    raise BadValue(f"This API key does not have the scope {ApiKey.Scope.ACCOUNTS_WRITE.value}.")


def load_vocabularies() -> dict[bool, Vocabulary]:
    """Return a vocabulary for keys that may set account owners, and one for the others."""
    config = configuration.now()
    return {
        True: Vocabulary.of(config),
        False: Vocabulary.of(config, account_owner=refuse_account_owner),
    }


vocabularies: Final = Snapshot(load_vocabularies, current_stamp)


class TouchesView(KeyView):
    required_scope = ApiKey.Scope.TOUCHES_WRITE.value

    @extend_schema(**SEND_TOUCH)
    def post(self, request: Request) -> Response:
        caller = authenticated_caller(request)
        key = idempotency_key(request)
        body = read_body(request)
        values = parse_object(body)
        call = IdempotentCall(caller, key, hash_values(values))
        if caller.stored_answer is not None:
            return response_for(replay(caller.stored_answer, call.body_hash, hash_bytes(body)))
        at = timezone.now()
        if values.get("source") in (None, ""):
            values["source"] = caller.source
        known = vocabularies.at(caller.stamp)[ApiKey.Scope.ACCOUNTS_WRITE in caller.scopes]
        touch = normalize(values, known, at=at, system=caller.system)
        if is_strict(request):
            check_nothing_set_aside(touch)
        return response_for(receive_once(touch, call, at=at, via="api"))


def response_for(answer: TouchAnswer) -> Response:
    headers = {"Idempotency-Replayed": "true"} if answer.is_replay else None
    return Response(answer.response, status=answer.status, headers=headers)


class LeadsView(KeyView):
    required_scope = ApiKey.Scope.LEADS_READ.value
    parameters = PARAMETERS

    @extend_schema(**LIST_LEADS)
    def get(self, request: Request) -> Response:
        query = parse_query(request.query_params)
        return Response(query.answer(partial(page_url, request)))


class LeadView(KeyView):
    required_scope = ApiKey.Scope.LEADS_READ.value

    @extend_schema(**READ_LEAD)
    def get(self, request: Request, lead_id: int) -> Response:
        return Response(lead_detail(lead_id))


class KeyCheckView(KeyView):
    """Tell a client what its key may do; the server asks it before it waits for a late body."""

    permission_classes = [HasKey]
    throttle_classes = []

    def get(self, request: Request) -> Response:
        caller = authenticated_caller(request)
        limit = caller.requests_per_minute
        return Response({"scopes": sorted(caller.scopes), "requests_per_minute": limit})


def page_url(request: Request, cursor: Cursor | None) -> str | None:
    if cursor is None:
        return None
    return str(replace_query_param(request.build_absolute_uri(), "cursor", str(cursor)))
