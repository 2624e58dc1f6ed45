"""The OpenAPI documentation of the leads list, generated from its filters and fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django_filters import DateFilter, Filter, NumberFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from api import lead_detail as detail
from api.lead_list import DEFAULT_SIZE, MAX_SIZE, SORT_VALUES, ApiLeadFilter, MomentFilter
from api.schema import ID, ID_OR_NULL, PROBLEM, PROBLEMS, RECEIPT, TEXT, Schema, problem_responses
from handoff.lead_filters import NONE, RENAMED
from leads.list_queries import DEFAULT_SORT
from leads.models import Temperature
from leads.stages import Stage

TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
LINK_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "uri"}

LEAD: Final[Schema] = {
    "type": "object",
    "properties": {
        "lead": ID,
        "opened_at": MOMENT,
        "stage": {"type": "string", "enum": [stage.value for stage in Stage]},
        "stage_entered_at": MOMENT,
        "closed_at": {"type": ["string", "null"], "format": "date-time"},
        "temperature": {"type": "string", "enum": Temperature.values},
        "score": {"type": "integer"},
        "lead_type": {**TEXT_OR_NULL, "description": "The code."},
        "source": {**TEXT_OR_NULL, "description": "The code."},
        "campaign": {**TEXT_OR_NULL, "description": "The code."},
        "contact": {**TEXT, "description": "The name."},
        "email": TEXT_OR_NULL,
        "phone": TEXT_OR_NULL,
        "title": TEXT,
        "external_ids": {
            "type": "array",
            "items": TEXT,
            "description": "Ids of the contact in source systems, each as SYSTEM:ID.",
        },
        "company": TEXT_OR_NULL,
        "domain": TEXT_OR_NULL,
        "country": TEXT_OR_NULL,
        "owner": {**ID_OR_NULL, "description": "The id of the owner."},
        "owner_email": TEXT_OR_NULL,
        "queue": {**ID_OR_NULL, "description": "The id of the team whose queue has the lead."},
        "queue_name": TEXT_OR_NULL,
        "amount": {**TEXT_OR_NULL, "description": "A decimal number."},
        "currency": TEXT,
        "updated_at": {**MOMENT, "description": "When the latest event of the lead was recorded."},
        "undone_at": {
            "type": ["string", "null"],
            "format": "date-time",
            "description": (
                "When the import that opened the lead was taken back. Such a lead does not count, "
                "and is listed only with `updated_since`."
            ),
        },
    },
}
LEADS: Final[Schema] = {
    "type": "object",
    "properties": {
        "next": {**LINK_OR_NULL, "description": "The URL of the next page. Null on the last page."},
        "previous": {**LINK_OR_NULL, "description": "The URL of the previous page."},
        "updated_through": {
            "type": ["string", "null"],
            "format": "date-time",
            "description": (
                "Only with `updated_since`: every change before it is in this list. Pass that of "
                "the first page as the next `updated_since`."
            ),
        },
        "results": {"type": "array", "items": LEAD},
    },
}
CODE_OR_NULL: Final[Schema] = {**TEXT_OR_NULL, "description": "The code."}
MOMENT_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
BOOLEAN_OR_NULL: Final[Schema] = {"type": ["boolean", "null"]}
TEXTS: Final[Schema] = {"type": "array", "items": TEXT}
# Fields of a lead that are not a text which may be null, whatever has them.
TYPES: Final[dict[str, Schema]] = {
    **LEAD["properties"],
    **dict.fromkeys(("id", "handoff"), ID),
    **dict.fromkeys(("owner", "queue", "answered_by", "by", "employees"), ID_OR_NULL),
    **dict.fromkeys(("occurred_at", "recorded_at", "offered_at"), MOMENT),
    **dict.fromkeys(
        ("viewed_at", "answered_at", "first_contact_at", "returned_at", "suppressed_at"),
        MOMENT_OR_NULL,
    ),
    "wake_on": {"type": ["string", "null"], "format": "date"},
    **dict.fromkeys(("consent", "is_target_account", "is_customer"), BOOLEAN_OR_NULL),
    "is_repeat": {"type": "boolean"},
    **dict.fromkeys(("utm", "answers"), {"type": "object"}),
    "missing_fields": TEXTS,
    "reason": {**CODE_OR_NULL, "description": "The code of the rejection reason."},
    "set_aside": RECEIPT["properties"]["set_aside"],
}


def part(columns: Iterable[str], **more: Schema) -> Schema:
    properties = {name: TYPES.get(name, TEXT_OR_NULL) for name in columns} | more
    return {"type": "object", "properties": properties, "required": list(properties)}


def rows_of(columns: Iterable[str]) -> Schema:
    return {"type": "array", "items": part(columns)}


LEAD_DETAIL: Final = part(
    detail.LEAD,
    contact=part(detail.CONTACT),
    company={**part(detail.COMPANY), "type": ["object", "null"]},
    touches=rows_of(detail.TOUCH),
    handoffs=rows_of(detail.HANDOFF),
    attempts=rows_of(detail.ATTEMPT),
)
DESCRIPTIONS: Final = {
    "email": "The exact email address of the contact.",
    "external_id": "The exact external id of the contact, alone or as SYSTEM:ID.",
    "updated_since": (
        "Leads with an event recorded at or after this moment, the earliest update first. "
        "Cannot be combined with `sort`."
    ),
    "q": (
        "Words from the name of the contact or company, the start of an email address, "
        "or an external id, alone or as SYSTEM:ID."
    ),
    "open": "Whether the lead is open.",
    "owner": f"The id of a user, or `{NONE}`.",
    "queue": f"The id of a team, or `{NONE}`.",
    "source": f"A code, or `{NONE}`.",
    "campaign": f"A code, or `{NONE}`.",
    "lead_type": f"A code, or `{NONE}`.",
    "opened_from": "The first day. Days start at midnight in the time zone of the reports.",
    "opened_to": "The last day.",
}


def type_of(filter_: Filter) -> OpenApiTypes:
    if isinstance(filter_, NumberFilter):
        return OpenApiTypes.NUMBER
    if isinstance(filter_, MomentFilter):
        return OpenApiTypes.DATETIME
    return OpenApiTypes.DATE if isinstance(filter_, DateFilter) else OpenApiTypes.STR


def parameter(name: str, filter_: Filter, *, current: str = "") -> OpenApiParameter:
    """Describe a filter; choices that operations define are not listed, as they may change.

    `current` is the present name of a filter that is described under a former one.
    """
    codes = [code for code, _ in filter_.extra.get("choices", ())]
    description = DESCRIPTIONS.get(name, f"{filter_.label}.")
    if current:
        description = f"The former name of `{current}`."
    return OpenApiParameter(
        name,
        type_of(filter_),
        enum=codes or None,
        description=description,
        deprecated=bool(current),
    )


FORMER: Final = [
    parameter(former, ApiLeadFilter.base_filters[current], current=current)
    for former, current in RENAMED.items()
]
PAGE_PARAMETERS: Final = [
    OpenApiParameter(
        "sort", enum=SORT_VALUES, default=DEFAULT_SORT, description="“-” sorts in descending order."
    ),
    OpenApiParameter(
        "size",
        OpenApiTypes.INT,
        default=DEFAULT_SIZE,
        description=f"Leads per page, at most {MAX_SIZE}.",
    ),
    OpenApiParameter("cursor", description="From `next` or `previous`."),
]
LIST_LEADS: Final[dict[str, Any]] = {
    "operation_id": "list_leads",
    "summary": "List leads",
    "description": (
        "Lists all leads, with the filters of the leads page. Follow `next` until it is null. "
        "Sorted by `opened` or `-opened`, no lead is missed or repeated when leads change between "
        "two requests. Requires the scope `leads:read`."
    ),
    "tags": ["leads"],
    "parameters": [
        *(parameter(*entry) for entry in ApiLeadFilter.base_filters.items()),
        *FORMER,
        *PAGE_PARAMETERS,
    ],
    "responses": {
        200: OpenApiResponse(LEADS, "A page of leads."),
        **problem_responses(*(status for status in PROBLEMS if status not in {409, 413, 415})),
    },
}
READ_LEAD: Final[dict[str, Any]] = {
    "operation_id": "read_lead",
    "summary": "Read a lead",
    "description": (
        "Returns a lead with its contact, its company, and its latest "
        f"{detail.MAX_ROWS} touches, handoffs and attempts, newest first. Requires the scope "
        "`leads:read`."
    ),
    "tags": ["leads"],
    "responses": {
        200: OpenApiResponse(LEAD_DETAIL, "The lead."),
        **problem_responses(*(status for status in PROBLEMS if status not in {409, 413, 415})),
        (404, "application/problem+json"): OpenApiResponse(PROBLEM, "There is no such lead."),
    },
}
