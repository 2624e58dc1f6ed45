"""Read facts from the instances of a lead that is not written yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from leads.configuration import LeadConfiguration
from leads.facts import PATHS, facts_from_row
from leads.models import Company, Contact, Lead

Getter = Callable[[Lead, Contact, Company | None, LeadConfiguration], Any]


def facts_of(
    lead: Lead,
    contact: Contact,
    company: Company | None,
    config: LeadConfiguration,
    *,
    has_company_rep: bool = False,
) -> dict[str, Any]:
    row = tuple(get(lead, contact, company, config) for get in GETTERS)
    return facts_from_row(row, has_company_rep=has_company_rep)


def code_of(rows: dict[int, Any], key: int | None) -> str | None:
    return rows[key].code if key in rows else None


def getter(path: str) -> Getter:
    """Return a function that reads one column path from the instances."""
    head, _, name = path.partition("__")
    if not name:
        return lambda lead, contact, company, config: getattr(lead, head)
    if head == "contact":
        return lambda lead, contact, company, config: getattr(contact, name)
    if head == "company":
        attribute = "owner_id" if name == "owner" else name
        return lambda lead, contact, company, config: (
            None if company is None else getattr(company, attribute)
        )
    return CODES[head]


CODES: Final[dict[str, Getter]] = {
    "lead_type": lambda lead, _contact, _company, config: code_of(
        config.lead_types_by_id, lead.lead_type_id
    ),
    "source": lambda lead, _contact, _company, config: code_of(
        config.sources_by_id, lead.source_id
    ),
    "campaign": lambda lead, _contact, _company, config: code_of(
        config.campaigns_by_id, lead.campaign_id
    ),
}
GETTERS: Final = tuple(getter(path) for path in PATHS)
