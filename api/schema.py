"""The OpenAPI documentation of the touches endpoint, generated from the table of fields."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from api.idempotency import REMEMBERED_FOR
from intake.account_owners import account_owner
from intake.normalize import CODES, READERS
from leads.normalization import identity, values
from leads.normalization.values import ValueReader

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
SCHEMAS: Final[dict[ValueReader, Schema]] = {
    values.moment: {"type": "string", "format": "date-time", "examples": ["2026-03-01T09:30:00Z"]},
    values.integer: {"type": "integer", "minimum": 0, "maximum": values.MAX_INTEGER},
    values.boolean: {"type": "boolean"},
    values.country: {**TEXT, "description": "A two-letter code or an English name."},
    values.named_texts: {"type": "object", "additionalProperties": TEXT},
    values.named_values: {
        "type": "object",
        "maxProperties": values.MAX_ANSWERS,
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
    },
    identity.email: {"type": "string", "format": "email", "maxLength": identity.MAX_EMAIL_LENGTH},
    account_owner: {
        "type": "string",
        "format": "email",
        "description": "The email of the sales rep who owns the company. The key needs the scope "
        "`accounts:write`. Open leads stay where they are.",
    },
    identity.website: {**TEXT, "description": "Identifies the company by its domain."},
}


def schema_of(reader: ValueReader) -> Schema:
    if isinstance(reader, values.Text):
        return {"type": "string", "maxLength": reader.limit}
    if isinstance(reader, values.ChoiceReader):
        return {"type": "string", "enum": reader.codes}
    return SCHEMAS[reader]


TOUCH: Final[Schema] = {
    "type": "object",
    "additionalProperties": False,
    "description": (
        "One interaction of a contact. Empty and null values are ignored and never clear data."
    ),
    "properties": {
        **{name: schema_of(reader) for name, reader in READERS.items()},
        "phone": {**TEXT, "description": "International, or national together with a country."},
        **{
            name: {**TEXT, "description": f"The code or name of a {noun}."}
            for name, noun in CODES.items()
        },
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
        "is_new": {"type": "boolean", "description": "True if this touch opened a new lead."},
        "stage": TEXT,
        "score": {"type": "integer"},
        "owner": ID_OR_NULL,
        "queue": ID_OR_NULL,
        "handoff": ID_OR_NULL,
        "set_aside": {
            "type": "array",
            "description": "Values that could not be used. The rest of the touch was received.",
            "items": {
                "type": "object",
                "properties": {"field": TEXT, "value": TEXT, "reason": TEXT},
            },
        },
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
    400: "No identity is valid (see `errors`), or the body is not a JSON object.",
    401: "The API key is missing, unknown or revoked.",
    403: "The API key does not have the required scope.",
    409: "The Idempotency-Key was already used with another body.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    429: "Too many requests. See Retry-After.",
    500: "Something went wrong on our side. The error is logged.",
    503: "Not available. Try again after Retry-After seconds.",
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
        "Finds or creates the contact, adds the touch to the contact's open lead or opens a new "
        "lead, then scores the lead, routes it and offers it to sales if it qualifies. Requires "
        "the scope `touches:write`."
    ),
    "tags": ["touches"],
    "parameters": [
        OpenApiParameter(
            "Idempotency-Key",
            OpenApiTypes.STR,
            OpenApiParameter.HEADER,
            description=(
                "Recommended. A request with the same key and body returns the first response "
                f"again, for at least {REMEMBERED_FOR.days} days."
            ),
        ),
        OpenApiParameter(
            "Prefer",
            OpenApiTypes.STR,
            OpenApiParameter.HEADER,
            description=(
                "`handling=strict` refuses a touch with a value that cannot be used. Otherwise the "
                "value is set aside and the touch received, if an identity is left."
            ),
        ),
    ],
    "request": {"application/json": TOUCH},
    "responses": {
        201: OpenApiResponse(RECEIPT, "The touch was received."),
        **problem_responses(*PROBLEMS),
    },
}


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.KeyAuthentication"
    name = "api_key"

    def get_security_definition(self, auto_schema: Any) -> Schema:
        return {"type": "http", "scheme": "bearer"}
