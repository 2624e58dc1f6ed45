"""Share unwritten contacts, companies and leads among the touches of one transaction."""

from __future__ import annotations

from leads.contact_state import ContactState
from leads.models import Company, Contact
from leads.normalization.identity import is_placeholder
from leads.normalization.names import person_key
from leads.stages import Stage, is_closed
from leads.touches import TouchIn


class ImportBatch:
    """Contact states of this transaction, by contact and by identity, before they are written."""

    def __init__(self) -> None:
        self._by_contact: dict[int, ContactState] = {}
        self._by_key: dict[tuple[str, str], ContactState] = {}
        self._claims: set[tuple[int, str, str]] = set()
        self._companies: dict[int, Company] = {}
        self._by_domain: dict[str, Company] = {}
        self._reps: dict[int, int] = {}

    def merge(self, touch: TouchIn, read: ContactState) -> ContactState:
        """Return the state that was read, updated by earlier touches of the same contact."""
        earlier = self._earlier_state(touch, read.contact)
        if earlier is not None:
            carry_over(earlier, read, touch)
        read.company = self._shared(read.company)
        read.domain_holder = self._by_domain.get(touch.domain) or self._shared(read.domain_holder)
        read.company_reps = {**self._reps, **read.company_reps}
        self._see_claims(touch, read)
        return read

    def _see_claims(self, touch: TouchIn, read: ContactState) -> None:
        """Know the ids that earlier touches of this transaction gave to contacts."""
        owner = self._by_key.get(id_key(touch))
        if owner is not None and owner.contact is not read.contact:
            read.external_id_is_taken = True
        if read.contact is not None and (read.contact.pk, *id_key(touch)) in self._claims:
            read.external_id_is_known = True

    def remember(self, touch: TouchIn, state: ContactState) -> None:
        contact, company = state.contact, state.company
        assert contact is not None, "capture leaves a contact"
        self._by_contact[contact.pk] = state
        for key in keys_of(contact):
            self._by_key.setdefault(key, state)
        if touch.external_id:
            self._claims.add((contact.pk, *id_key(touch)))
            if not state.external_id_is_taken:
                self._by_key.setdefault(id_key(touch), state)
        if company is not None:
            self._companies[company.pk] = company
            if state.lead is not None and state.lead.owner_id is not None:
                self._reps.setdefault(company.pk, state.lead.owner_id)
            if company.domain:
                self._by_domain[company.domain] = company

    def _shared(self, company: Company | None) -> Company | None:
        """Return the instance that earlier touches of the company changed."""
        return self._companies.get(company.pk, company) if company else None

    def _earlier_state(self, touch: TouchIn, contact: Contact | None) -> ContactState | None:
        if contact is not None:
            return self._by_contact.get(contact.pk)
        if touch.email and ("email", touch.email) in self._by_key:
            return self._latest(self._by_key["email", touch.email])
        owner = self._by_key.get(id_key(touch)) if touch.external_id else None
        if owner is not None and has_same_email(owner, touch):
            return self._latest(owner)
        shared = phone_key(touch.phone, touch.name)
        by_phone = self._by_key.get(shared) if shared else None
        return self._latest(by_phone) if by_phone and is_same_phone(by_phone, touch) else None

    def _latest(self, state: ContactState) -> ContactState:
        """Return the newest state of the contact; a key points to the first one."""
        assert state.contact is not None, "capture leaves a contact"
        return self._by_contact[state.contact.pk]


def carry_over(earlier: ContactState, read: ContactState, touch: TouchIn) -> None:
    read.contact, read.company, read.systems = earlier.contact, earlier.company, earlier.systems
    if earlier.lead is not None and is_closed(Stage(earlier.lead.stage)):
        # Imported leads may be closed already; the next touch then opens a new lead.
        if earlier.lead.opened_at <= touch.occurred_at:
            read.predecessor_id = earlier.lead.pk
        return
    read.lead, read.card = earlier.lead, earlier.card
    read.score_id = earlier.score_id


def keys_of(contact: Contact) -> list[tuple[str, str]]:
    by_phone = phone_key(contact.phone, contact.name)
    return [
        *([("email", contact.email)] if contact.email else []),
        *([by_phone] if by_phone else []),
    ]


def id_key(touch: TouchIn) -> tuple[str, str]:
    """Return the key of the external id; names of systems have no colon."""
    return "external_id", f"{touch.system}:{touch.external_id}"


def has_same_email(state: ContactState, touch: TouchIn) -> bool:
    assert state.contact is not None, "capture leaves a contact"
    return not touch.email or state.contact.email in (None, "", touch.email)


def phone_key(phone: str | None, name: str) -> tuple[str, str] | None:
    if not phone or is_placeholder(phone):
        return None
    return ("phone", f"{phone} {person_key(name)}")


def is_same_phone(state: ContactState, touch: TouchIn) -> bool:
    """Decide as `contact_state_sql` does for a contact with this phone number and name."""
    contact = state.contact
    assert contact is not None, "capture leaves a contact"
    extensions = {contact.phone_extension, touch.phone_extension}
    return (
        (len(extensions) == 1 or (bool(contact.name_key) and "" in extensions))
        and not (touch.email and contact.email)
        and not (touch.external_id and touch.system in state.systems)
    )
