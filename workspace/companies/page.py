"""Read the page of a company in a fixed number of statements, whatever its size."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final, NamedTuple

from django.db.models import CharField, Count, F, Func, Max, OuterRef, QuerySet, Subquery, Value

from core.pagination import Cursor, Order, Page, page_of
from handoff.lead_access import visible_companies, visible_contacts, visible_leads
from leads.company_leads import leads_of
from leads.contact_names import name_contacts
from leads.models import Company, Contact, Lead, Touch, TouchKind
from leads.undone import without_undone
from people.models import User
from workspace.contacts.page import WITH_LEAD, may_correct
from workspace.corrections import CorrectionEntry, corrections_of

PAGE_SIZE: Final = 25
MAX_COUNT: Final = 10_000
MAX_DOMAINS: Final = 10
BY_NAME: Final = Order("name", False, str)
LATEST_FIRST: Final = Order("opened_at", True, datetime.fromisoformat)


class PersonRow(NamedTuple):
    """A contact, with `stage`, `owner_id` and `owner_name` of the open lead."""

    contact: Any


class LeadRow(NamedTuple):
    lead: Lead


class KindRow(NamedTuple):
    """Count one kind of touches, with the time of the latest."""

    kind: str
    number: int
    latest_at: datetime

    @property
    def label(self) -> str:
        return str(TouchKind(self.kind).label)


@dataclass
class CompanyPage:
    company: Company
    reader: User
    people: Page[PersonRow]
    leads: Page[LeadRow]

    @property
    def lead_list(self) -> list[Lead]:
        return [row.lead for row in self.leads.rows]

    @property
    def contacts(self) -> QuerySet[Contact]:
        return contacts_of(self.company, self.reader)

    @cached_property
    def people_count(self) -> int:
        if self.people.before is None and self.people.after is None:
            return len(self.people.rows)
        return self.contacts[:MAX_COUNT].count()

    @cached_property
    def touches(self) -> list[KindRow]:
        """Return the touches of the contacts by kind, the latest first."""
        touches = Touch.objects.filter(contact__in=self.contacts.values("pk"), is_repeat=False)
        kinds = (
            without_undone(touches)
            .order_by()
            .values("kind")
            .annotate(Count("pk"), latest=Max("occurred_at"))
        )
        return [
            KindRow(*row)
            for row in kinds.order_by("-latest").values_list("kind", "pk__count", "latest")
        ]

    @property
    def touch_count(self) -> int:
        return sum(row.number for row in self.touches)

    @cached_property
    def domains(self) -> list[tuple[str, int]]:
        """Return the domains of corporate addresses, each with its number of contacts."""
        parts = (F("email"), Value("@"), Value(2))
        host = Func(*parts, function="split_part", output_field=CharField())
        corporate = self.contacts.filter(email_is_corporate=True).annotate(host=host).order_by()
        counts = corporate.values("host").annotate(number=Count("pk")).order_by("-number", "host")
        return list(counts.values_list("host", "number")[:MAX_DOMAINS])

    @cached_property
    def corrections(self) -> list[CorrectionEntry]:
        return corrections_of(self.company)

    @property
    def may_correct(self) -> bool:
        return may_correct(self.reader)


def contacts_of(company: Company, reader: User) -> QuerySet[Contact]:
    return visible_contacts(reader).filter(company=company, merged_into=None)


def load_company_page(
    company_id: int, *, reader: User, people: Cursor | None, leads: Cursor | None
) -> CompanyPage | None:
    """Return None if the reader may not open a lead of the company or of its contacts."""
    companies = visible_companies(reader).select_related("owner")
    company = companies.filter(pk=company_id).first()
    if company is None:
        return None
    return CompanyPage(
        company,
        reader,
        people_page(contacts_of(company, reader), people),
        leads_page(company, reader, leads),
    )


def people_page(contacts: QuerySet[Contact], cursor: Cursor | None) -> Page[PersonRow]:
    open_lead = Lead.objects.open().filter(contact=OuterRef("pk"))
    page = page_of(
        contacts.annotate(
            stage=Subquery(open_lead.values("stage")[:1]),
            owner_name=Subquery(open_lead.values("owner__name")[:1]),
            owner_id=Subquery(open_lead.values("owner")[:1]),
        ),
        BY_NAME,
        cursor,
        size=PAGE_SIZE,
        value_of=lambda row: row.contact.name,
        key_of=lambda row: row.contact.pk,
        fetch=lambda query: [PersonRow(contact) for contact in query],
    )
    name_contacts([row.contact for row in page.rows])
    return page


def leads_page(company: Company, reader: User, cursor: Cursor | None) -> Page[LeadRow]:
    leads = leads_of(company, visible_leads(reader).counted())
    page = page_of(
        leads.select_related("contact", *WITH_LEAD),
        LATEST_FIRST,
        cursor,
        size=PAGE_SIZE,
        value_of=lambda row: row.lead.opened_at,
        key_of=lambda row: row.lead.pk,
        fetch=lambda query: [LeadRow(lead) for lead in query],
    )
    name_contacts([row.lead.contact for row in page.rows])
    return page
