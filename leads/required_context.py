"""What a lead must bring before sales can judge it, and who fills it in (CTX-08, REJ-02)."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from core.criteria.fields import Field, Reads
from leads.field_catalog import CATALOG
from leads.models import Company, Contact, Lead

# What a rep may name as missing and marketing can find out, in the order people ask for it.
COMPLETABLE_FIELDS: Final = (
    "contact.has_email",
    "contact.has_phone",
    "contact.title",
    "contact.seniority",
    "contact.country",
    "company.name",
    "company.domain",
    "company.industry",
    "company.employees",
    "company.country",
    "lead.has_stated_problem",
    "lead.product_interest",
    "lead.timing",
    "lead.source",
    "lead.landing_page",
)
LABELS: Final = {
    "contact.has_email": "Email",
    "contact.has_phone": "Phone",
    "lead.has_stated_problem": "The problem they want to solve",
}


class ContextField(NamedTuple):
    code: str
    label: str
    is_missing: bool


def label_of(code: str) -> str:
    """What is asked for, where the catalog only says whether it is there."""
    return LABELS.get(code) or CATALOG[code].label


def context_fields(lead: Lead) -> list[ContextField]:
    """Everything askable; marked is what this lead's type requires and nobody knows yet."""
    required = lead.lead_type.required_context if lead.lead_type else []
    known = [code for code in required if code in CATALOG]
    codes = dict.fromkeys((*COMPLETABLE_FIELDS, *known))
    return [
        ContextField(code, label_of(code), code in required and not is_known(lead, code))
        for code in codes
    ]


def is_known(lead: Lead, code: str) -> bool:
    value = value_of(lead, CATALOG[code])
    return value is not None and value != ""


def value_of(lead: Lead, field: Field) -> Any:
    """What the lead's own columns say, whatever way the criteria read them."""
    if field.reads is Reads.COUNT:
        return lead.signals.get(field.signal, {}).get("count")
    found: Any = lead
    for name in field.path.split("__"):
        found = getattr(found, name, None) if found is not None else None
    return found


MODELS: Final[dict[str, type[Contact] | type[Company]]] = {"contact": Contact, "company": Company}


def column_of(code: str) -> tuple[type[Lead] | type[Contact] | type[Company], str]:
    """Where an askable fact is stored: the model and its column."""
    head, _, column = CATALOG[code].path.partition("__")
    if head in MODELS:
        return MODELS[head], column
    # A source is stored by its key.
    return Lead, "source_id" if head == "source" else head
