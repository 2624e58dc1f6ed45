"""The API's documentation, made from the table that reads the fields."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from api.idempotency import REMEMBERED_FOR
from intake.normalize import CODES, READERS
from leads.normalization import identity, values
from leads.normalization.values import Reader

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
OF_READER: Final[dict[Reader, Schema]] = {
    values.moment: {"type": "string", "format": "date-time", "examples": ["2026-03-01T09:30:00Z"]},
    values.integer: {"type": "integer", "minimum": 0, "maximum": values.LARGEST_INTEGER},
    values.boolean: {"type": "boolean"},
    values.country: {**TEXT, "description": "A two-letter code or an English name."},
    values.words: {"type": "object", "additionalProperties": TEXT},
    values.named_values: {
        "type": "object",
        "maxProperties": values.MOST_ANSWERS,
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
    },
    identity.email: {"type": "string", "format": "email", "maxLength": identity.LONGEST_EMAIL},
    identity.website: {**TEXT, "description": "Tells the company, as the domain of a mail does."},
}


def schema_of(reader: Reader) -> Schema:
    if isinstance(reader, values.Text):
        return {"type": "string", "maxLength": reader.limit}
    if isinstance(reader, values.Choice):
        return {"type": "string", "enum": reader.codes}
    return OF_READER[reader]


TOUCH: Final[Schema] = {
    "type": "object",
    "additionalProperties": False,
    "description": "One thing a contact did. Empty and null mean not said, and blank nothing.",
    "properties": {
        **{name: schema_of(reader) for name, reader in READERS.items()},
        "phone": {**TEXT, "description": "International, or national with a country beside it."},
        **{name: {**TEXT, "description": f"A known {what}."} for name, what in CODES.items()},
    },
    "anyOf": [{"required": ["email"]}, {"required": ["phone"]}, {"required": ["external_id"]}],
    "examples": [
        {
            "kind": "demo_request",
            "lead_type": "demo",
            "source": "website",
            "email": "ana@company.com",
            "name": "Ana Costa",
            "title": "Head of Operations",
            "company": "Company Ltd",
            "employees": 250,
            "country": "PT",
            "stated_problem": "Orders take three days to reach the warehouse.",
        }
    ],
}
ID: Final[Schema] = {"type": "integer"}
ID_OR_NULL: Final[Schema] = {"type": ["integer", "null"]}
RECEIPT: Final[Schema] = {
    "type": "object",
    "properties": {
        "touch": ID,
        "contact": ID,
        "lead": ID,
        "is_new": {"type": "boolean", "description": "Whether this touch opened the lead."},
        "stage": TEXT,
        "score": {"type": "integer"},
        "owner": ID_OR_NULL,
        "queue": ID_OR_NULL,
        "handoff": ID_OR_NULL,
    },
}
PROBLEM: Final[Schema] = {
    "type": "object",
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "code": TEXT,
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"field": TEXT, "message": TEXT}},
        },
    },
}
PROBLEMS: Final = {
    400: "A field is wrong (`errors` names each), or the body is no JSON object.",
    401: "No API key, or one that is unknown or revoked.",
    403: "The key does not have the scope.",
    409: "The Idempotency-Key was used before with another body.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    429: "Too many requests; see Retry-After.",
    500: "Something went wrong here; it is logged.",
    503: "Try again later; see Retry-After.",
}


def problem_responses(*statuses: int) -> dict[tuple[int, str], OpenApiResponse]:
    return {
        (status, "application/problem+json"): OpenApiResponse(PROBLEM, PROBLEMS[status])
        for status in statuses
    }


SEND_TOUCH: Final[dict[str, Any]] = {
    "operation_id": "send_touch",
    "summary": "Send a touch",
    "description": (
        "Finds or makes the contact, adds the touch to their open lead or opens one, scores, "
        "routes and offers it. Needs the scope `touches:write`."
    ),
    "tags": ["touches"],
    "parameters": [
        OpenApiParameter(
            "Idempotency-Key",
            OpenApiTypes.STR,
            OpenApiParameter.HEADER,
            description=(
                "Recommended. The same key and body again get the first answer again, for at "
                f"least {REMEMBERED_FOR.days} days."
            ),
        )
    ],
    "request": {"application/json": TOUCH},
    "responses": {201: OpenApiResponse(RECEIPT, "Taken in."), **problem_responses(*PROBLEMS)},
}


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.KeyAuthentication"
    name = "api_key"

    def get_security_definition(self, auto_schema: Any) -> Schema:
        return {"type": "http", "scheme": "bearer"}
