"""Let people correct contacts and companies; what they edit stays, whatever touches state later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from core.unit_of_work import UnitOfWork
from leads.external_ids import ids_text, next_claim
from leads.models import Company, Contact, Correction, ExternalId
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
        keep(work, instance, changes, by_id=by_id, at=at)


def keep(
    work: UnitOfWork,
    instance: Contact | Company,
    changes: Mapping[str, Any],
    *,
    by_id: int | None,
    at: datetime,
) -> None:
    owner = "contact_id" if isinstance(instance, Contact) else "company_id"
    work.add(Correction(**{owner: instance.pk}, changes=changes, by_id=by_id, at=at))


@contextmanager
def correcting_external_ids(contact: Contact, *, by_id: int | None, at: datetime) -> Iterator[None]:
    """Keep which ids the contact had before and after the block."""
    before = ids_text(contact)
    yield
    after = ids_text(contact)
    if after != before:
        work = UnitOfWork()
        work.set(contact, updated_at=at)
        keep(work, contact, {"external_ids": [before, after]}, by_id=by_id, at=at)
        work.write()


def pass_on(removed: Iterable[ExternalId], *, by_id: int | None, at: datetime) -> None:
    """Give each id that a contact no longer has to the first contact that claimed it."""
    for row in removed:
        if claim := next_claim(row):
            with correcting_external_ids(claim.contact, by_id=by_id, at=at):
                ExternalId.objects.filter(pk=claim.pk).update(is_conflict=False)


def is_name(instance: Contact | Company, values: Mapping[str, Any]) -> bool:
    return isinstance(instance, Contact) and "name" in values
