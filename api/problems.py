"""The problems that the API answers with: one entry for each code, which its page explains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Problem:
    code: str
    status: int
    meaning: str
    remedy: str

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase

    @property
    def path(self) -> str:
        return reverse("api:problem", args=[self.code])

    @property
    def type(self) -> str:
        """Return the URI that identifies the problem, the same under whatever host."""
        return settings.SITE_URL + self.path


ENTRIES: Final = (
    Problem(
        "invalid_touch",
        400,
        "The touch names no one: no email address, phone number or external id is valid. Or the "
        "request has the header “Prefer: handling=strict”, and a field is wrong. Nothing was "
        "stored.",
        "“errors” names each wrong field. Correct them and send the touch again.",
    ),
    Problem(
        "invalid",
        400,
        "A query parameter is unknown or has a wrong value, or a text contains a NUL character.",
        "“errors” names each parameter. Compare it with the reference. For a NUL character, "
        "“detail” says so: remove it.",
    ),
    Problem(
        "parse_error",
        400,
        "The request cannot be read: the body is empty, not UTF-8 or not a JSON object, a header "
        "such as Idempotency-Key is malformed, or there are more than 1,000 query parameters.",
        "“detail” says where. Send one JSON object, with the content type application/json.",
    ),
    Problem(
        "not_authenticated",
        401,
        "The request has no API key.",
        "Send the key in the header “Authorization: Bearer KEY”.",
    ),
    Problem(
        "authentication_failed",
        401,
        "The API key is unknown or revoked, or the Authorization header is not of the form "
        "“Bearer KEY”.",
        "Check the key for missing characters. Ask your administrator for a new one if it was "
        "revoked.",
    ),
    Problem(
        "permission_denied",
        403,
        "The API key does not have the scope that this address requires.",
        "Use a key with the scope that “detail” names, or ask your administrator for one.",
    ),
    Problem(
        "not_found",
        404,
        "Nothing is at this address, or there is no lead with this id.",
        "Check the address. It begins with /api/v1/ and ends with a slash.",
    ),
    Problem(
        "method_not_allowed",
        405,
        "This address does not support the method of the request.",
        "The header Allow of the answer names the methods that it supports.",
    ),
    Problem(
        "not_acceptable",
        406,
        "The API cannot answer in the media type that the request asks for.",
        "Accept application/json.",
    ),
    Problem(
        "idempotency_key_used",
        409,
        "This Idempotency-Key was already used with other values. Nothing was stored.",
        "Use a new key for each touch. A repeat of the same touch must have the same values.",
    ),
    Problem(
        "refused",
        409,
        "The request is well-formed, but the present state of the lead does not allow it. Nothing "
        "was stored.",
        "“detail” says why. Read the lead again before you repeat the request.",
    ),
    Problem(
        "body_too_large",
        413,
        "The body has more than one megabyte. Nothing was stored.",
        "Send one touch for each request, and leave out what is not a field of a touch.",
    ),
    Problem(
        "unsupported_media_type",
        415,
        "The content type of the body is not application/json.",
        "Send the header “Content-Type: application/json”.",
    ),
    Problem(
        "throttled",
        429,
        "The API key sent more requests in this minute than it may.",
        "Wait for the seconds in the header Retry-After. The header RateLimit says how many "
        "requests are left, so that a client can slow down before.",
    ),
    Problem(
        "server_error",
        500,
        "Something went wrong on the server. The error is in its log.",
        "Repeat the request with the same Idempotency-Key. If it fails again, tell your "
        "administrator the value of the header X-Request-Id.",
    ),
    Problem(
        "not_configured",
        503,
        "The installation is not set up yet: there is no published configuration.",
        "Try again after the seconds in the header Retry-After.",
    ),
    Problem(
        "unavailable",
        503,
        "The database does not answer. Nothing was stored.",
        "Repeat the request with the same Idempotency-Key, after the seconds in the header "
        "Retry-After.",
    ),
)
PROBLEMS: Final[Mapping[str, Problem]] = {problem.code: problem for problem in ENTRIES}
