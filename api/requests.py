"""What a client sent: the idempotency key, and the body as an object, or a clear refusal."""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

from django.http import UnreadablePostError
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.request import Request

# Room for every field at its longest and for a field far too long to be named in the refusal.
LARGEST_BODY: Final = 1024 * 1024
# A client that still sends cannot read a refusal: its body is read on, up to this much.
MOST_DRAINED: Final = 64 * 1024 * 1024
LONGEST_KEY: Final = 200


class BodyTooLarge(APIException):
    status_code = 413
    default_code = "body_too_large"
    default_detail = f"The body must have at most {LARGEST_BODY:,} bytes."


def stated_idempotency_key(request: Request) -> str:
    return request.headers.get("Idempotency-Key", "").strip()


def is_usable_key(key: str) -> bool:
    return len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()


def idempotency_key(request: Request) -> str:
    key = stated_idempotency_key(request)
    if not is_usable_key(key):
        raise ParseError(
            f"Idempotency-Key must have at most {LONGEST_KEY} printable ASCII characters."
        )
    return key


def read_body(request: Request) -> bytes:
    plain = request._request
    length = stated_length(request)
    if not length:
        raise ParseError("The body is empty or came without its Content-Length.")
    if plain.content_type != "application/json":
        raise UnsupportedMediaType(plain.content_type or "nothing")
    if length > LARGEST_BODY:
        raise BodyTooLarge
    try:
        return plain.body
    except UnreadablePostError:
        raise ParseError("The body ended before its Content-Length.") from None


def stated_length(request: Request) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise ParseError("Content-Length is no number.") from None


def drain(request: Request) -> None:
    left = MOST_DRAINED
    try:
        while left > 0 and (chunk := request._request.read(64 * 1024)):
            left -= len(chunk)
    except UnreadablePostError:
        return


def read_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        raise ParseError(
            f"Malformed JSON at line {error.lineno}, column {error.colno}: {error.msg}."
        ) from None
    except UnicodeDecodeError as error:
        raise ParseError(f"The body is not UTF-8: byte {error.start + 1:,} is wrong.") from None
    except RecursionError:
        raise ParseError("Malformed JSON: it is nested too deeply.") from None
    except ValueError:
        raise ParseError("Malformed JSON: a number has too many digits.") from None
    if not isinstance(value, dict):
        raise ParseError("The body must be a JSON object of fields and values.")
    return value


def refuse_constant(name: str) -> NoReturn:
    raise ParseError(f"Malformed JSON: {name} is no number.")
