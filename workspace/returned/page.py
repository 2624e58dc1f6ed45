"""Read the leads that marketing has to complete, the longest waiting first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db.models import Count, Q, QuerySet

from core.compiled import CompiledQuery
from core.pagination import Cursor, Order, Page, PageSlice
from handoff.answers.complete import missing_codes
from handoff.lead_access import visible_leads
from handoff.models import Handoff
from handoff.return_reasons import latest_returns, return_reason
from leads.contact_names import name_contacts
from leads.models import Lead, LeadQuerySet
from leads.qualification import lacks_way_to_reach
from leads.required_context import label_of
from people.models import User
from people.readers import ReaderShape, reader_of, shape_of, values_of

PAGE_SIZE: Final = 15
OLDEST_FIRST: Final = Order("stage_entered_at", False, datetime.fromisoformat)


class LeadRow(NamedTuple):
    lead: Lead


@dataclass(frozen=True)
class ReturnedRow:
    """A lead, and the handoff with which sales returned it; None if it was never offered."""

    lead: Lead
    handoff: Handoff | None
    at: datetime

    @property
    def waited(self) -> timedelta:
        return self.at - self.since

    @property
    def who(self) -> User | None:
        return (self.handoff.answered_by or self.handoff.owner) if self.handoff else None

    @property
    def why(self) -> str:
        if self.handoff is None:
            return "Ready, but out of reach"
        if self.handoff.state == Handoff.State.CANNOT_EVALUATE:
            return "Could not be evaluated"
        return return_reason(self.handoff)

    @property
    def since(self) -> datetime:
        answered_at = self.handoff.answered_at if self.handoff else None
        return answered_at or self.lead.stage_entered_at

    @property
    def missing(self) -> str:
        joined = " or " if lacks_way_to_reach(self.lead) else ", "
        return joined.join(label_of(code) for code in missing_codes(self.lead, self.handoff))

    @property
    def may_be_sent(self) -> bool:
        """Return whether marketing may send it to sales as it is."""
        is_suppressed = self.lead.contact.suppressed_at is not None
        return not is_suppressed and not lacks_way_to_reach(self.lead)


@dataclass(frozen=True)
class ReturnedPage:
    """`mine` counts the leads of campaigns that the reader owns."""

    rows: list[ReturnedRow]
    page: Page[LeadRow]
    total: int
    mine: int


def leads_to_complete(reader: User) -> LeadQuerySet:
    return visible_leads(reader).counted().to_complete()


def count_returned(reader: User) -> tuple[int, int]:
    """Return how many leads marketing has to complete, and how many are of the reader."""
    counts = leads_to_complete(reader).aggregate(
        total=Count("pk"), mine=Count("pk", filter=Q(campaign__owner=reader))
    )
    return counts["total"], counts["mine"]


def returned_leads(
    shape: ReaderShape,
    only_mine: bool,
    is_first: bool,
    backwards: bool,
    *,
    after: datetime,
    after_id: int,
    reader_id: int,
    team_ids: list[int],
) -> QuerySet[Lead]:
    """Return the leads of a page, which starts beyond that moment and lead unless it is first."""
    reader = reader_of(shape, reader_id=reader_id, team_ids=team_ids)
    leads = leads_to_complete(reader).select_related("contact", "company", "campaign__owner")
    if only_mine:
        leads = leads.filter(campaign__owner=reader)
    start = None if is_first else (after, after_id)
    return PageSlice(OLDEST_FIRST, PAGE_SIZE, start, backwards).of(leads)


LEADS: Final = CompiledQuery(returned_leads)


def load_returned(
    reader: User, cursor: Cursor | None, *, only_mine: bool, at: datetime
) -> ReturnedPage:
    part = PageSlice.at(cursor, OLDEST_FIRST, size=PAGE_SIZE)
    after, after_id = part.start or (at, 0)
    leads = LEADS.rows(
        *(shape_of(reader), only_mine, part.start is None, part.backwards),
        **{"after": after, "after_id": after_id, **values_of(reader)},
    )
    page = part.page(
        [LeadRow(lead) for lead in leads],
        value_of=lambda row: row.lead.stage_entered_at,
        key_of=lambda row: row.lead.pk,
    )
    name_contacts([row.lead.contact for row in page.rows])
    returns = latest_returns([row.lead.pk for row in page.rows])
    rows = [ReturnedRow(row.lead, returns.get(row.lead.pk), at) for row in page.rows]
    return ReturnedPage(rows, page, *count_returned(reader))
