"""Let people correct contacts and companies; what they edit stays, whatever touches state later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.unit_of_work import UnitOfWork
from leads.models import Company, Contact, Correction
from leads.normalization.names import person_key
from leads.precedence import Origin


def correct(
    work: UnitOfWork,
    instance: Contact | Company,
    values: Mapping[str, Any],
    *,
    by_id: int | None,
    at: datetime,
    before: Mapping[str, Any] | None = None,
) -> None:
    """Set columns of a contact or company, and keep what they were before.

    `before` has the stored values if the instance was changed already, as a form does.
    """
    before = before or {name: getattr(instance, name) for name in values}
    changes = {
        name: [before[name], value] for name, value in values.items() if before[name] != value
    }
    origin = Origin(at, by_id).to_json()
    origins = {**instance.origins, **dict.fromkeys(values, origin)}
    derived = {"name_key": person_key(values["name"])} if is_name(instance, values) else {}
    work.set(instance, **values, **derived, origins=origins, updated_at=at)
    if changes:
        owner = "contact_id" if isinstance(instance, Contact) else "company_id"
        work.add(Correction(**{owner: instance.pk}, changes=changes, by_id=by_id, at=at))


def is_name(instance: Contact | Company, values: Mapping[str, Any]) -> bool:
    return isinstance(instance, Contact) and "name" in values
