"""Errors of the API as problem details (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.core.exceptions import SuspiciousOperation, TooManyFieldsSent
from django.http import Http404, JsonResponse
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from api.problems import PROBLEMS, Problem
from core.errors import Refused
from core.null_characters import REFUSAL, has_null_character
from core.outages import RETRY_AFTER, is_temporary
from intake.normalize import InvalidTouch
from leads.configuration import NotConfigured

logger = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
NOT_FOUND: Final = "This address does not exist."


def problem_details(error: Exception, context: Mapping[str, Any]) -> Response:
    """Handle the exceptions of the API's views; the details of a bug go to the log only."""
    if isinstance(error, InvalidTouch):
        errors = [{"field": wrong.field, "message": wrong.message} for wrong in error.errors]
        return problem(error.code, "Some fields are invalid. Nothing was stored.", errors=errors)
    if isinstance(error, NotConfigured):
        return problem(error.code, str(error), headers={"Retry-After": RETRY_AFTER})
    if isinstance(error, Refused):
        return problem(error.code, str(error), otherwise="refused")
    if is_temporary(error):
        logger.error("An API request could not use the database", exc_info=error)
        return unavailable()
    if isinstance(error, TooManyFieldsSent):
        return problem("parse_error", "The request has too many parameters.")
    if isinstance(error, SuspiciousOperation):
        return problem("parse_error", "The request cannot be read.")
    if has_null_character(error):
        return problem("invalid", REFUSAL)
    known = exception_handler(error, dict(context))
    if known is None:
        logger.error("An API request failed", exc_info=error)
        return problem("server_error", "Something went wrong on our side. The error is logged.")
    return problem_of(error, known)


def unavailable() -> Response:
    detail = "The server is not available for a moment. Nothing was stored."
    response = problem("unavailable", detail, headers={"Retry-After": RETRY_AFTER})
    # Django would log every answer, and the outage is in the log already.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def problem_of(error: Exception, known: Response) -> Response:
    """Convert the framework's response; keep its headers (WWW-Authenticate, Retry-After)."""
    headers = {name: known[name] for name in known.headers if name != "Content-Type"}
    if isinstance(error, ValidationError):
        errors = list(flatten(error.detail))
        return problem("invalid", "Some fields are invalid.", errors=errors, headers=headers)
    if isinstance(error, APIException):
        code = str(error.get_codes()) if isinstance(error.detail, str) else error.default_code
        detail = str(error.detail)
        return problem(code, detail, headers=headers, otherwise=error.default_code)
    if isinstance(error, Http404):
        return problem("not_found", NOT_FOUND, headers=headers)
    return problem("permission_denied", "You are not allowed to do this.", headers=headers)


def problem(
    code: str,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
    otherwise: str = "",
) -> Response:
    """Answer with a registered problem; `otherwise` is the one of codes that have no own entry."""
    kind = PROBLEMS[code if code in PROBLEMS or not otherwise else otherwise]
    body = {**problem_body(kind, detail), "code": code}
    if errors is not None:
        body["errors"] = errors
    return Response(body, status=kind.status, headers=headers, content_type=MEDIA_TYPE)


def problem_body(kind: Problem, detail: str) -> dict[str, Any]:
    return {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": kind.code,
    }


def not_found_response() -> JsonResponse:
    """Answer a request that no view handles, so the framework does not see it."""
    body = problem_body(PROBLEMS["not_found"], NOT_FOUND)
    return JsonResponse(body, status=404, content_type=MEDIA_TYPE)


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
