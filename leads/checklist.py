"""The qualification checklist: eight questions and what is known of each (QUA-06)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from leads.countries import COUNTRIES
from leads.models import Lead


class Check(NamedTuple):
    """`known` is empty when the rep still has to ask."""

    label: str
    known: str


def known_industry(lead: Lead) -> str:
    return lead.company.industry if lead.company else ""


def known_size(lead: Lead) -> str:
    employees = lead.company.employees if lead.company else None
    return "" if employees is None else f"{employees:,} people"


def known_region(lead: Lead) -> str:
    country = (lead.company.country if lead.company else "") or lead.contact.country
    region = lead.company.region if lead.company else ""
    return ", ".join(part for part in (region, dict(COUNTRIES).get(country, country)) if part)


def known_role(lead: Lead) -> str:
    return lead.contact.title or lead.contact.get_seniority_display()


def nothing_known(lead: Lead) -> str:
    """Only a conversation answers it."""
    return ""


CHECKLIST: Final[tuple[tuple[str, Callable[[Lead], str]], ...]] = (
    ("The industry fits", known_industry),
    ("The size fits", known_size),
    ("We serve the region", known_region),
    ("Role and power to decide", known_role),
    ("The problem, in the buyer's words", lambda lead: lead.stated_problem),
    ("The timeline", lambda lead: lead.get_timing_display()),
    ("The path to a budget", lambda lead: lead.budget_context),
    ("The next meeting is agreed", nothing_known),
)


def checklist(lead: Lead) -> list[Check]:
    return [Check(label, known(lead)) for label, known in CHECKLIST]
