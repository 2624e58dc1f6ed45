"""Touches of the same person within one batch: the second sees what the first left behind."""

from __future__ import annotations

from leads.contact_state import ContactState
from leads.models import Company, Contact
from leads.stages import Stage, is_closed
from leads.touches import TouchIn


class Batch:
    """Identities that this transaction has made or changed but not yet written."""

    def __init__(self) -> None:
        self._by_contact: dict[int, ContactState] = {}
        self._by_key: dict[tuple[str, str], ContactState] = {}
        self._companies: dict[str, Company] = {}

    def seen(self, touch: TouchIn, read: ContactState) -> ContactState:
        """The state for this touch, with what earlier touches of the batch made of it."""
        earlier = self._earlier(touch, read.contact)
        by_domain = self._companies.get(touch.domain)
        if by_domain is None and read.contact is None:
            by_domain = read.company
        if earlier is not None:
            follow(read, earlier)
        if read.company is None:
            read.company = by_domain
        if by_domain is not None and read.company is not None:
            read.domain_is_taken |= read.company.pk != by_domain.pk
        holder = self._by_key.get(("external_id", touch.external_id))
        if holder is not None and holder.contact is not read.contact:
            read.external_id_is_taken = True
        return read

    def remember(self, touch: TouchIn, state: ContactState) -> None:
        contact, company = state.contact, state.company
        assert contact is not None, "capture leaves a contact"
        self._by_contact[contact.pk] = state
        for kind, value in keys_of(contact):
            self._by_key.setdefault((kind, value), state)
        if company is not None and company.domain:
            self._companies[company.domain] = company

    def _earlier(self, touch: TouchIn, contact: Contact | None) -> ContactState | None:
        if contact is not None:
            return self._by_contact.get(contact.pk)
        for key in (("email", touch.email), ("external_id", touch.external_id)):
            if key[1] and key in self._by_key:
                return self._latest(self._by_key[key])
        by_phone = self._by_key.get(("phone", touch.phone)) if touch.phone else None
        if by_phone is None or by_phone.contact is None:
            return None
        return None if touch.email and by_phone.contact.email else self._latest(by_phone)

    def _latest(self, state: ContactState) -> ContactState:
        """A key knows who first had it; the contact knows what came of them since."""
        assert state.contact is not None, "capture leaves a contact"
        return self._by_contact[state.contact.pk]


def follow(read: ContactState, earlier: ContactState) -> None:
    read.contact, read.company = earlier.contact, earlier.company
    if earlier.lead is not None and is_closed(Stage(earlier.lead.stage)):
        # History may enter closed: the next touch opens a pursuit of its own.
        read.predecessor_id = earlier.lead.pk
        return
    read.lead, read.card = earlier.lead, earlier.card
    read.score_id = earlier.score_id


def keys_of(contact: Contact) -> list[tuple[str, str]]:
    given = {
        "email": contact.email,
        "external_id": contact.external_id,
        "phone": contact.phone,
    }
    return [(kind, value) for kind, value in given.items() if value]
