"""Read the idempotency key and the body of a request, or say what is wrong with them."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from django.http import UnreadablePostError
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.request import Request

# Large enough for all fields at their limits, so that a field that is too long gets its own error.
MAX_BODY: Final = 1024 * 1024
# A client that is still sending cannot read an error, so the body is read to its end, up to this.
MAX_DRAINED: Final = 64 * 1024 * 1024
MAX_KEY_LENGTH: Final = 200


class BodyTooLarge(APIException):
    status_code = 413
    default_code = "body_too_large"
    default_detail = f"The body must have at most {MAX_BODY:,} bytes."


def idempotency_header(request: Request) -> str:
    return request.headers.get("Idempotency-Key", "").strip()


def is_valid_idempotency_key(key: str) -> bool:
    return len(key) <= MAX_KEY_LENGTH and key.isascii() and key.isprintable()


def idempotency_key(request: Request) -> str:
    key = idempotency_header(request)
    if not is_valid_idempotency_key(key):
        raise ParseError(
            f"Idempotency-Key must have at most {MAX_KEY_LENGTH} printable ASCII characters."
        )
    return key


def is_strict(request: Request) -> bool:
    """Return whether the sender wants a touch with a wrong value refused (RFC 7240)."""
    preferences = request.headers.get("Prefer", "").lower().replace(" ", "")
    return "handling=strict" in re.split("[,;]", preferences)


def read_body(request: Request) -> bytes:
    plain = request._request
    length = content_length(request)
    if not length:
        raise ParseError("The body is empty.")
    if plain.content_type != "application/json":
        raise UnsupportedMediaType(plain.content_type or "none")
    if length > MAX_BODY:
        raise BodyTooLarge
    try:
        return plain.body
    except UnreadablePostError:
        raise ParseError("The body ended before its Content-Length.") from None


def content_length(request: Request) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise ParseError("Content-Length is not a number.") from None


def drain(request: Request) -> None:
    left = MAX_DRAINED
    try:
        while left > 0 and (chunk := request._request.read(64 * 1024)):
            left -= len(chunk)
    except UnreadablePostError:
        return


def parse_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        raise ParseError(
            f"Malformed JSON at line {error.lineno}, column {error.colno}: {error.msg}."
        ) from None
    except UnicodeDecodeError as error:
        raise ParseError(f"The body is not UTF-8: byte {error.start + 1:,} is invalid.") from None
    except RecursionError:
        raise ParseError("Malformed JSON: nested too deeply.") from None
    except ValueError:
        raise ParseError("Malformed JSON: a number has too many digits.") from None
    if not isinstance(value, dict):
        raise ParseError("The body must be a JSON object of fields and values.")
    return value


def refuse_constant(name: str) -> NoReturn:
    raise ParseError(f"Malformed JSON: {name} is not a JSON number.")
