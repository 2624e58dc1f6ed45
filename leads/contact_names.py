"""Call a contact by name or email, else by external id or phone number."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from leads.enums import NAME_UNKNOWN
from leads.models import Contact, ExternalId

# As `str(contact)` says it, for queries that read leads_contact AS contact.
CALLED_SQL: Final = f"""COALESCE(NULLIF(contact.name, ''), contact.email, (
    SELECT system_id || ':' || value FROM leads_externalid
    WHERE contact_id = contact.id AND NOT is_conflict ORDER BY system_id, value LIMIT 1
), contact.phone, '{NAME_UNKNOWN}')"""  # noqa: S608  (no input in it)


def name_contacts(contacts: Collection[Contact]) -> None:
    """Read the external ids by which contacts are called; no statement if all have a name."""
    nameless = {contact.pk for contact in contacts if not (contact.name or contact.email)}
    if not nameless:
        return
    ids = ExternalId.objects.filter(contact__in=nameless, is_conflict=False)
    first = {row.contact_id: str(row) for row in ids.order_by("-system", "-value")}
    for contact in contacts:
        contact.external_id = first.get(contact.pk, "")
