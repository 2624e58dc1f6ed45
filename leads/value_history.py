"""List the earlier values of a contact and its company, with their dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any, Final, NamedTuple

from core.formatting import count_text
from leads.enums import RevenueBand, Seniority
from leads.models import Company, Contact, Correction, Touch
from leads.statements import COMPANY_COLUMNS

# Labels by column; the columns of a company carry its name in front.
CONTACT_LABELS: Final[Mapping[str, str]] = {
    "name": "Name",
    "title": "Title",
    "seniority": "Seniority",
    "persona": "Persona",
    "email": "Email",
    "phone": "Phone",
    "country": "Country",
    "consent": "Consent",
}
COMPANY_LABELS: Final[Mapping[str, str]] = {
    "name": "Company",
    "domain": "Company website",
    "industry": "Industry",
    "employees": "Company size",
    "country": "Country of the company",
    "region": "Region",
    "revenue_band": "Revenue band",
    "is_target_account": "Target account",
    "is_customer": "Customer",
}
# Fields of a touch by the column of the company.
STATED_AS: Final = {
    "name": "company",
    "domain": "website",
    **{column: name for name, column in COMPANY_COLUMNS.items()},
}
CHOICES: Final = {**dict(Seniority.choices), **dict(RevenueBand.choices)}

Statement = tuple[datetime, str, Any]


class EarlierValue(NamedTuple):
    label: str
    value: str
    at: datetime
    by: str


def earlier_values(
    contact: Contact,
    company: Company | None,
    touches: Iterable[Touch],
    corrections: Iterable[Correction],
    *,
    external_ids: str = "",
) -> list[EarlierValue]:
    """Return the values that are not the present ones, newest first, each once."""
    corrections = list(corrections)
    statements = [
        (touch.occurred_at, touch.get_kind_display(), touch.stated)
        for touch in touches
        if touch.stated
    ]
    earlier: list[EarlierValue] = []
    for column, label in CONTACT_LABELS.items():
        present = getattr(contact, column)
        stated = [(at, by, values.get(column)) for at, by, values in statements]
        edited = changes_of(corrections, "contact_id", column)
        earlier += distinct(label, present, [*stated, *edited], every_time=column == "consent")
    edited = changes_of(corrections, "contact_id", "external_ids")
    earlier += distinct("External IDs", external_ids, edited)
    for column, label in COMPANY_LABELS.items():
        present = getattr(company, column, None)
        stated = [(at, by, values.get(STATED_AS.get(column, ""))) for at, by, values in statements]
        earlier += distinct(
            label, present, [*stated, *changes_of(corrections, "company_id", column)]
        )
    return sorted(earlier, key=lambda value: value.at, reverse=True)


def changes_of(corrections: Iterable[Correction], owner: str, column: str) -> list[Statement]:
    return [
        (correction.at, f"Changed by {correction.by or 'an import'}", correction.changes[column][0])
        for correction in corrections
        if getattr(correction, owner) is not None and column in correction.changes
    ]


def distinct(
    label: str, present: Any, statements: Iterable[Statement], *, every_time: bool = False
) -> list[EarlierValue]:
    """Return each earlier value with the latest time it was stated.

    With `every_time` it stands once for each time, but for the statement that still holds.
    """
    stated = [
        statement
        for statement in sorted(statements, key=itemgetter(0))
        if statement[2] is not None and statement[2] != ""
    ]
    if every_time:
        earlier = stated[:-1] if stated and stated[-1][2] == present else stated
    else:
        earlier = list(
            {value: (at, by, value) for at, by, value in stated if value != present}.values()
        )
    return [EarlierValue(label, value_text(value), at, by) for at, by, value in earlier]


def value_text(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int):
        return count_text(value)
    return CHOICES.get(value, str(value))
