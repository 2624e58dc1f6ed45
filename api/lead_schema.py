"""The documentation of the leads list, made from the filters of the page and the fields it has."""

from __future__ import annotations

from typing import Any, Final

from django_filters import DateFilter, Filter, NumberFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from api.lead_list import LARGEST_SIZE, SIZE, SORTED_BY
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
        "lead_type": {**TEXT_OR_NULL, "description": "Its code."},
        "source": {**TEXT_OR_NULL, "description": "Its code."},
        "campaign": {**TEXT_OR_NULL, "description": "Its code."},
        "contact": {**TEXT, "description": "The name."},
        "email": TEXT_OR_NULL,
        "phone": TEXT_OR_NULL,
        "title": TEXT,
        "company": TEXT_OR_NULL,
        "domain": TEXT_OR_NULL,
        "country": TEXT_OR_NULL,
        "owner": {**TEXT_OR_NULL, "description": "The email address of the person who has it."},
        "queue": {**TEXT_OR_NULL, "description": "The name of the team in whose queue it waits."},
        "amount": {**TEXT_OR_NULL, "description": "A decimal number."},
        "currency": TEXT,
    },
}
LEADS: Final[Schema] = {
    "type": "object",
    "properties": {
        "next": {**LINK_OR_NULL, "description": "The next page; null: this is the last one."},
        "previous": LINK_OR_NULL,
        "results": {"type": "array", "items": LEAD},
    },
}
MEANT: Final = {
    "q": "Words in the name of the contact or the company, or the start of an email address.",
    "open": "Whether the lead is open.",
    "owner": f"The number of a person, or `{NONE}`.",
    "queue": f"The number of a team, or `{NONE}`.",
    "source": f"A code, or `{NONE}`.",
    "campaign": f"A code, or `{NONE}`.",
    "lead_type": f"A code, or `{NONE}`.",
    "opened_from": "The first day; days begin at midnight UTC.",
    "opened_to": "The last day.",
}


def type_of(filter_: Filter) -> OpenApiTypes:
    if isinstance(filter_, NumberFilter):
        return OpenApiTypes.NUMBER
    return OpenApiTypes.DATE if isinstance(filter_, DateFilter) else OpenApiTypes.STR


def parameter(name: str, filter_: Filter) -> OpenApiParameter:
    """What operations define is not listed: it changes without a release."""
    codes = [code for code, _ in filter_.extra.get("choices", ())]
    said = MEANT.get(name, f"{filter_.label}.")
    return OpenApiParameter(name, type_of(filter_), enum=codes or None, description=said)


FORMER: Final = [
    OpenApiParameter(former, deprecated=True, description=f"The former name of `{current}`.")
    for former, current in RENAMED.items()
]
PIECE: Final = [
    OpenApiParameter(
        "sort", enum=SORTED_BY, default=DEFAULT_SORT, description="“-”: the last first."
    ),
    OpenApiParameter("size", OpenApiTypes.INT, default=SIZE, description=f"Up to {LARGEST_SIZE}."),
    OpenApiParameter("cursor", description="As `next` and `previous` have it."),
]
LIST_LEADS: Final[dict[str, Any]] = {
    "operation_id": "list_leads",
    "summary": "List leads",
    "description": (
        "All leads, with the filters of the page; follow `next` until it is null. In the order of "
        "opening, whatever happens meanwhile hides no lead and shows none twice. Needs the scope "
        "`leads:read`."
    ),
    "tags": ["leads"],
    "parameters": [
        *(parameter(*each) for each in LeadFilter.base_filters.items()),
        *FORMER,
        *PIECE,
    ],
    "responses": {
        200: OpenApiResponse(LEADS, "A page of them."),
        **problem_responses(*(status for status in PROBLEMS if status not in {409, 413, 415})),
    },
}
