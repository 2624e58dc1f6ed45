"""Errors of the API as problem details (RFC 9457)."""

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
NOT_FOUND: Final = "This address does not exist."
RETRY_AFTER: Final = "5"


def problem_details(error: Exception, context: Mapping[str, Any]) -> Response:
    """Handle the exceptions of the API's views; the details of a bug go to the log only."""
    if isinstance(error, InvalidTouch):
        errors = [{"field": wrong.field, "message": wrong.message} for wrong in error.errors]
        return problem(
            400, "Some fields are invalid. Nothing was stored.", error.code, errors=errors
        )
    if isinstance(error, NotConfigured):
        return problem(503, str(error), error.code, headers={"Retry-After": RETRY_AFTER})
    if isinstance(error, Refused):
        return problem(409, str(error), error.code)
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("An API request could not use the database", exc_info=error)
        return problem(
            503,
            "The database is not available. Nothing was stored.",
            "unavailable",
            headers={"Retry-After": RETRY_AFTER},
        )
    known = exception_handler(error, dict(context))
    if known is None:
        logger.error("An API request failed", exc_info=error)
        return problem(
            500, "Something went wrong on our side. The error is logged.", "server_error"
        )
    return problem_of(error, known)


def problem_of(error: Exception, known: Response) -> Response:
    """Convert the framework's response; keep its headers (WWW-Authenticate, Retry-After)."""
    headers = {name: known[name] for name in known.headers if name != "Content-Type"}
    if isinstance(error, ValidationError):
        errors = list(flatten(error.detail))
        return problem(400, "Some fields are invalid.", "invalid", errors=errors, headers=headers)
    if isinstance(error, APIException):
        code = str(error.get_codes()) if isinstance(error.detail, str) else error.default_code
        return problem(known.status_code, str(error.detail), code, headers=headers)
    detail = NOT_FOUND if isinstance(error, Http404) else "You are not allowed to do this."
    return problem(known.status_code, detail, headers=headers)


def problem(
    status: int,
    detail: str,
    code: str = "",
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    body = problem_body(status, detail)
    if code:
        body["code"] = code
    if errors is not None:
        body["errors"] = errors
    return Response(body, status=status, headers=headers, content_type=MEDIA_TYPE)


def problem_body(status: int, detail: str) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


def not_found_response() -> JsonResponse:
    """Answer a request that no view handles, so the framework does not see it."""
    return JsonResponse(problem_body(404, NOT_FOUND), status=404, content_type=MEDIA_TYPE)


def flatten(detail: Any, field: str = "") -> Iterator[dict[str, str]]:
    """Yield the nested errors of a serializer as fields and messages."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from flatten(inner, f"{field}.{name}" if field else str(name))
    elif isinstance(detail, list):
        for inner in detail:
            yield from flatten(inner, field)
    else:
        yield {"field": field, "message": str(detail)}
