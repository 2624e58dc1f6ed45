"""One lead with its contact, company, touches, handoffs and attempts, in four statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db.models import QuerySet
from django.http import Http404

from api.lead_list import COLUMNS, with_updated_at
from handoff.models import Attempt, Handoff
from leads.external_ids import external_ids_of
from leads.models import Lead, Touch

Columns = Mapping[str, Any]
# Of a lead with more, the newest are listed.
MAX_ROWS: Final = 200

OF_CONTACT: Final = frozenset(
    {"contact", "email", "phone", "title", "external_ids", "company", "domain", "country"}
)
LEAD: Final[Columns] = {
    **{name: column for name, column in COLUMNS.items() if name not in OF_CONTACT},
    "medium": "medium",
    "landing_page": "landing_page",
    "stated_problem": "stated_problem",
    "product_interest": "product_interest",
    "timing": "timing",
    "budget_context": "budget_context",
    "wake_on": "wake_on",
    "returned_at": "returned_at",
    "missing_fields": "missing_fields",
}
CONTACT: Final[Columns] = {
    "id": "contact_id",
    **{
        name: f"contact__{name}"
        for name in (
            *("name", "email", "phone", "phone_extension", "title", "seniority"),
            *("persona", "country", "consent", "suppressed_at"),
        )
    },
    "external_ids": external_ids_of("contact_id"),
}
COMPANY: Final[Columns] = {
    "id": "company_id",
    **{
        name: f"company__{name}"
        for name in (
            *("name", "domain", "industry", "employees", "country", "region", "revenue_band"),
            *("is_target_account", "is_customer"),
        )
    },
    "owner": "company__owner_id",
    "owner_email": "company__owner__email",
}
TOUCH: Final[Columns] = {
    "id": "pk",
    **{name: name for name in ("kind", "occurred_at", "recorded_at")},
    **{name: f"{name}__code" for name in ("lead_type", "source", "campaign")},
    **{
        name: name
        for name in (
            *("medium", "offer", "landing_page", "referrer", "utm", "answers", "is_repeat"),
            "set_aside",
        )
    },
}
HANDOFF: Final[Columns] = {
    "id": "pk",
    "state": "state",
    "owner": "owner_id",
    "owner_email": "owner__email",
    "queue": "queue_id",
    "queue_name": "queue__name",
    "offered_at": "offered_at",
    "viewed_at": "viewed_at",
    "answered_at": "answered_at",
    "answered_by": "answered_by_id",
    "answered_by_email": "answered_by__email",
    "reason": "reason__code",
    "note": "rejection__note",
    "missing_fields": "missing_fields",
    "first_contact_at": "first_contact_at",
    "closed_at": "closed_at",
}
ATTEMPT: Final[Columns] = {
    "id": "pk",
    "handoff": "handoff_id",
    "by": "by_id",
    "by_email": "by__email",
    **{name: name for name in ("channel", "outcome", "occurred_at", "note", "link")},
}


def lead_detail(lead_id: int) -> dict[str, Any]:
    """Raise Http404 if there is no such lead."""
    parts: dict[str, Columns] = {"": LEAD, "contact": CONTACT, "company": COMPANY}
    columns = [column for part in parts.values() for column in part.values()]
    row = with_updated_at(Lead.objects.filter(pk=lead_id)).values_list(*columns).first()
    if row is None:
        raise Http404
    values = iter(row)
    read = {name: {key: next(values) for key in part} for name, part in parts.items()}
    return {
        **read[""],
        "contact": read["contact"],
        "company": read["company"] if read["company"]["id"] else None,
        "touches": newest(Touch.objects.filter(lead=lead_id), TOUCH, "occurred_at"),
        "handoffs": newest(Handoff.objects.filter(lead=lead_id), HANDOFF, "offered_at"),
        "attempts": newest(Attempt.objects.filter(lead=lead_id), ATTEMPT, "occurred_at"),
    }


def newest(rows: QuerySet[Any], columns: Columns, by: str) -> list[dict[str, Any]]:
    listed: Iterable[Any] = rows.order_by(f"-{by}", "-pk").values_list(*columns.values())[:MAX_ROWS]
    return [dict(zip(columns, row, strict=True)) for row in listed]
