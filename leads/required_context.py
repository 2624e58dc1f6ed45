"""Find out which context sales needs to evaluate a lead and still misses."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from core.criteria.fields import Field, Reads
from leads.field_catalog import CATALOG
from leads.models import Company, Contact, Lead

# Fields that a rep may report as missing and marketing can complete, in the order of the form.
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
MAX_DIGIT: Final = 9
LABELS: Final = {
    "contact.has_email": "Email",
    "contact.has_phone": "Phone",
    "lead.has_stated_problem": "Problem to solve",
}


class ContextField(NamedTuple):
    """`digit`: the key that selects it, for the first nine."""

    code: str
    label: str
    is_missing: bool
    known: str
    digit: int | None

    @property
    def is_known(self) -> bool:
        return self.known != ""


def label_of(code: str) -> str:
    """Return the label of the value; the catalog has labels for its presence only."""
    return LABELS.get(code) or CATALOG[code].label


def context_fields(lead: Lead) -> list[ContextField]:
    """Return all completable fields, unknown ones first; mark those that the lead type requires."""
    required = lead.lead_type.required_context if lead.lead_type else []
    in_catalog = [code for code in required if code in CATALOG]
    codes = sorted(
        dict.fromkeys((*COMPLETABLE_FIELDS, *in_catalog)), key=lambda code: is_known(lead, code)
    )
    return [
        ContextField(
            code,
            label_of(code),
            is_missing=code in required and not is_known(lead, code),
            known=known_text(lead, code),
            digit=place if place <= MAX_DIGIT else None,
        )
        for place, code in enumerate(codes, start=1)
    ]


def known_text(lead: Lead, code: str) -> str:
    """Return the current value as text; empty if it is unknown."""
    value = value_of(lead, CATALOG[code]) if is_known(lead, code) else ""
    return dict(CATALOG[code].choices).get(value, str(value))


def is_known(lead: Lead, code: str) -> bool:
    value = value_of(lead, CATALOG[code])
    return value is not None and value != ""


def value_of(lead: Lead, field: Field) -> Any:
    """Return the stored value, no matter how the criteria read it."""
    if field.reads is Reads.COUNT:
        return lead.signals.get(field.signal, {}).get("count")
    value: Any = lead
    for name in field.path.split("__"):
        value = getattr(value, name, None) if value is not None else None
    return value


MODELS: Final[dict[str, type[Contact] | type[Company]]] = {"contact": Contact, "company": Company}


def column_of(code: str) -> tuple[type[Lead] | type[Contact] | type[Company], str]:
    """Return the model and column that store a completable field."""
    head, _, column = CATALOG[code].path.partition("__")
    if head in MODELS:
        return MODELS[head], column
    return Lead, "source_id" if head == "source" else head
