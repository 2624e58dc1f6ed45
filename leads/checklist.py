"""List the eight qualification questions with their known answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from core.countries import NAMES
from core.formatting import counted
from leads.models import Lead


class ChecklistItem(NamedTuple):
    """`known` is empty if the rep still has to ask."""

    label: str
    known: str


def industry(lead: Lead) -> str:
    return lead.company.industry if lead.company else ""


def company_size(lead: Lead) -> str:
    employees = lead.company.employees if lead.company else None
    return "" if employees is None else counted(employees, "employee", "employees")


def region(lead: Lead) -> str:
    country = (lead.company.country if lead.company else "") or lead.contact.country
    own = lead.company.region if lead.company else ""
    return ", ".join(part for part in (own, NAMES.get(country, country)) if part)


def role(lead: Lead) -> str:
    return lead.contact.title or lead.contact.get_seniority_display()


def unanswered(lead: Lead) -> str:
    """Return "": only a conversation can answer the question."""
    return ""


CHECKLIST: Final[tuple[tuple[str, Callable[[Lead], str]], ...]] = (
    ("Industry fits", industry),
    ("Company size fits", company_size),
    ("Region is served", region),
    ("Role and authority", role),
    ("Problem in the buyer's words", lambda lead: lead.stated_problem),
    ("Timeline", lambda lead: lead.get_timing_display()),
    ("Path to a budget", lambda lead: lead.budget_context),
    ("Next meeting agreed", unanswered),
)


def checklist(lead: Lead) -> list[ChecklistItem]:
    return [ChecklistItem(label, answer(lead)) for label, answer in CHECKLIST]
