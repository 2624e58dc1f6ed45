"""Read the page of a contact in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final, NamedTuple

from django.db.models import Exists, OuterRef

from core.pagination import Cursor, Order, Page, page_of
from core.permissions import Right
from handoff.lead_access import visible_contacts, visible_leads
from handoff.suppression import Suppression, suppressions_of
from leads.contact_names import name_contacts
from leads.duplicates import possible_duplicates
from leads.models import Contact, ExternalId, Lead, Touch
from leads.touch_history import topic_of
from leads.undone import is_undone
from leads.value_history import EarlierValue, earlier_values
from people.models import User
from workspace.corrections import CorrectionEntry, corrections_of

PAGE_SIZE: Final = 25
MAX_STATEMENTS: Final = 200
MAX_LEADS: Final = 50
MAX_DUPLICATES: Final = 10
LATEST_FIRST: Final = Order("occurred_at", True, datetime.fromisoformat)
WITH_LEAD: Final = ("owner", "queue", "lead_type", "source", "campaign")
CORRECTORS: Final = (Right.EDIT_CAMPAIGNS, Right.EDIT_CONFIGURATION)


def may_correct(user: User) -> bool:
    """Return whether the admin lets the user change contacts and companies."""
    return any(user.may(right) for right in CORRECTORS)


class TouchRow(NamedTuple):
    touch: Touch
    topic: str


@dataclass
class ContactPage:
    contact: Contact
    reader: User
    touches: Page[TouchRow]

    @cached_property
    def leads(self) -> list[Lead]:
        """Return the leads that the reader may open, newest first."""
        leads = visible_leads(self.reader).counted().filter(contact=self.contact)
        return list(leads.select_related(*WITH_LEAD).order_by("-opened_at", "-pk")[:MAX_LEADS])

    @cached_property
    def lead_ids(self) -> set[int]:
        return {lead.pk for lead in self.leads}

    @cached_property
    def suppression(self) -> Suppression | None:
        since = self.contact.suppressed_at
        if since is None:
            return None
        return suppressions_of([self.contact.pk]).get(self.contact.pk, Suppression(since))

    @cached_property
    def external_ids(self) -> list[ExternalId]:
        return list(self.contact.external_ids.order_by("system", "value"))

    @cached_property
    def duplicates(self) -> Sequence[Contact]:
        """Return the contacts that may be the same person, with whether the reader may open it."""
        visible = visible_contacts(self.reader).filter(pk=OuterRef("pk"))
        others = possible_duplicates(self.contact).annotate(is_visible=Exists(visible))
        shown = list(others.select_related("company").order_by("-pk")[:MAX_DUPLICATES])
        name_contacts(shown)
        return shown

    @cached_property
    def corrections(self) -> list[CorrectionEntry]:
        return corrections_of(self.contact)

    @property
    def earlier_values(self) -> list[EarlierValue]:
        touches = Touch.objects.filter(contact=self.contact).exclude(stated={})
        latest = touches.only("kind", "occurred_at", "stated").order_by("-occurred_at", "-pk")
        return earlier_values(self.contact, self.contact.company, latest[:MAX_STATEMENTS], ())

    @property
    def may_correct(self) -> bool:
        return may_correct(self.reader)


def load_contact_page(
    contact_id: int, *, reader: User, cursor: Cursor | None
) -> ContactPage | None:
    """Return None if the reader may not open a lead of the contact."""
    contacts = visible_contacts(reader).select_related("company__owner", "merged_into")
    contact = contacts.filter(pk=contact_id).first()
    if contact is None:
        return None
    name_contacts([contact])
    touches = page_of(
        contact.touches.select_related("source", "campaign").annotate(is_undone=is_undone()),
        LATEST_FIRST,
        cursor,
        size=PAGE_SIZE,
        value_of=lambda row: row.touch.occurred_at,
        key_of=lambda row: row.touch.pk,
        fetch=lambda query: [TouchRow(touch, topic_of(touch)) for touch in query],
    )
    return ContactPage(contact, reader, touches)
