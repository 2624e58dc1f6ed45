"""Say what people changed on a contact or company."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

from leads.models import Company, Contact, Correction
from leads.value_history import COMPANY_LABELS, CONTACT_LABELS, value_text
from people.models import User

MAX_SHOWN: Final = 50
LABELS: Final = {
    "company_id": "Company",
    "external_ids": "External IDs",
    "owner_id": "Account owner",
    "phone_extension": "Extension",
    "suppressed_at": "Suppressed",
    "email_is_corporate": "Corporate email",
}
NAMED: Final = {"company_id": Company, "owner_id": User}


class Change(NamedTuple):
    label: str
    before: str
    after: str


class CorrectionEntry(NamedTuple):
    at: datetime
    by: User | None
    changes: list[Change]


def corrections_of(subject: Contact | Company) -> list[CorrectionEntry]:
    """Return the latest corrections, newest first, in at most three statements."""
    rows = list(subject.corrections.select_related("by").order_by("-pk")[:MAX_SHOWN])
    labels = {**(CONTACT_LABELS if isinstance(subject, Contact) else COMPANY_LABELS), **LABELS}
    names = {column: names_in(rows, column) for column in NAMED}
    return [
        CorrectionEntry(
            row.at,
            row.by,
            [
                Change(
                    labels.get(column, column.replace("_", " ").capitalize()),
                    *(text_of(value, names.get(column, {})) for value in values),
                )
                for column, values in row.changes.items()
            ],
        )
        for row in rows
    ]


def names_in(rows: Iterable[Correction], column: str) -> dict[Any, str]:
    ids = {value for row in rows for value in row.changes.get(column, ()) if value is not None}
    return {pk: str(row) for pk, row in NAMED[column]._default_manager.in_bulk(ids).items()}


def text_of(value: Any, names: dict[Any, str]) -> str:
    if value is None or value == "":
        return "–"
    return names.get(value) or value_text(value)
