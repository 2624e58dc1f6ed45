"""The OpenAPI documentation of the leads list, generated from its filters and fields."""

from __future__ import annotations

from typing import Any, Final

from django_filters import DateFilter, Filter, NumberFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from api.lead_list import DEFAULT_SIZE, MAX_SIZE, SORT_VALUES
from api.schema import ID, PROBLEMS, TEXT, Schema, problem_responses
from handoff.lead_filters import NONE, RENAMED, LeadFilter
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
        "owner": {**TEXT_OR_NULL, "description": "The email address of the owner."},
        "queue": {**TEXT_OR_NULL, "description": "The name of the team whose queue has the lead."},
        "amount": {**TEXT_OR_NULL, "description": "A decimal number."},
        "currency": TEXT,
    },
}
LEADS: Final[Schema] = {
    "type": "object",
    "properties": {
        "next": {**LINK_OR_NULL, "description": "The URL of the next page. Null on the last page."},
        "previous": {**LINK_OR_NULL, "description": "The URL of the previous page."},
        "results": {"type": "array", "items": LEAD},
    },
}
DESCRIPTIONS: Final = {
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
    parameter(former, LeadFilter.base_filters[current], current=current)
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
        *(parameter(*entry) for entry in LeadFilter.base_filters.items()),
        *FORMER,
        *PAGE_PARAMETERS,
    ],
    "responses": {
        200: OpenApiResponse(LEADS, "A page of leads."),
        **problem_responses(*(status for status in PROBLEMS if status not in {409, 413, 415})),
    },
}
