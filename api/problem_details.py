"""Errors of the API as problem details (RFC 9457): one shape for every refusal."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from django.db import InterfaceError, OperationalError
from django.http import Http404, JsonResponse
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.errors import Refused
from intake.normalize import InvalidTouch
from leads.configuration import NotConfigured

logger = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
NOTHING_HERE: Final = "There is nothing here."
RETRY_AFTER: Final = "5"


def problem_details(error: Exception, context: Mapping[str, Any]) -> Response:
    """Django REST framework's exception handler; a bug is logged and says no more than that."""
    if isinstance(error, InvalidTouch):
        found = [{"field": each.field, "message": each.message} for each in error.errors]
        return problem(400, "Some fields are wrong; nothing was stored.", error.code, errors=found)
    if isinstance(error, NotConfigured):
        return problem(503, str(error), error.code, headers={"Retry-After": RETRY_AFTER})
    if isinstance(error, Refused):
        return problem(409, str(error), error.code)
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("The database refused an API request", exc_info=error)
        return problem(
            503,
            "The database does not answer; nothing was stored.",
            "unavailable",
            headers={"Retry-After": RETRY_AFTER},
        )
    known = exception_handler(error, dict(context))
    if known is None:
        logger.error("An API request met a bug", exc_info=error)
        return problem(500, "Something went wrong here; it is logged.", "server_error")
    return problem_of(error, known)


def problem_of(error: Exception, known: Response) -> Response:
    """The framework's own answer, reworded; its headers (WWW-Authenticate, Retry-After) stay."""
    headers = {name: known[name] for name in known.headers if name != "Content-Type"}
    if isinstance(error, ValidationError):
        found = list(flat(error.detail))
        return problem(400, "Some fields are wrong.", "invalid", errors=found, headers=headers)
    if isinstance(error, APIException):
        code = str(error.get_codes()) if isinstance(error.detail, str) else error.default_code
        return problem(known.status_code, str(error.detail), code, headers=headers)
    detail = NOTHING_HERE if isinstance(error, Http404) else "You may not do this."
    return problem(known.status_code, detail, headers=headers)


def problem(
    status: int,
    detail: str,
    code: str = "",
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    body = body_of(status, detail)
    if code:
        body["code"] = code
    if errors is not None:
        body["errors"] = errors
    return Response(body, status=status, headers=headers, content_type=MEDIA_TYPE)


def body_of(status: int, detail: str) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


def nothing_here() -> JsonResponse:
    """For an address that no view has, so outside the framework's reach."""
    return JsonResponse(body_of(404, NOTHING_HERE), status=404, content_type=MEDIA_TYPE)


def flat(detail: Any, field: str = "") -> Iterator[dict[str, str]]:
    """A serializer's nested errors as one list of field and message."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from flat(inner, f"{field}.{name}" if field else str(name))
    elif isinstance(detail, list):
        for inner in detail:
            yield from flat(inner, field)
    else:
        yield {"field": field, "message": str(detail)}
