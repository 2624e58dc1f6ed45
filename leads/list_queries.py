"""Query the leads list: plain rows in a chosen order, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from core.formatting import date_text
from core.pagination import Cursor, Order, Page, page_of
from core.raw_sql import fetch_rows
from leads.contact_names import CALLED_SQL
from leads.external_ids import external_ids_of
from leads.models import LeadQuerySet

PAGE_SIZE: Final = 50
MAX_COUNT: Final = 1001


class LeadRow(NamedTuple):
    lead_id: int
    opened_at: datetime
    score: int
    stage_entered_at: datetime
    stage: str
    temperature: str
    who: str
    title: str
    company: str | None
    lead_type: str | None
    source: str | None
    owner: str | None
    queue: str | None
    wake_on: date | None

    @property
    def until(self) -> str:
        return date_text(self.wake_on) if self.wake_on else ""


# Raw SQL with names in subqueries: planning eight joins takes longer than finding fifty rows.
ROWS_SQL: Final = """
SELECT lead.id, lead.opened_at, lead.score, lead.stage_entered_at,
    lead.stage, lead.temperature, {called}, contact.title,
    (SELECT name FROM leads_company WHERE id = lead.company_id),
    (SELECT name FROM leads_leadtype WHERE id = lead.lead_type_id),
    (SELECT name FROM leads_source WHERE id = lead.source_id),
    (SELECT name FROM people_user WHERE id = lead.owner_id),
    (SELECT name FROM people_team WHERE id = lead.queue_id),
    lead.wake_on
FROM ({found}) AS found
JOIN leads_lead AS lead ON lead.id = found.pk
JOIN leads_contact AS contact ON contact.id = lead.contact_id
ORDER BY {order}
"""
SORTS: Final[Mapping[str, tuple[str, str]]] = {
    "opened": ("opened_at", "Opened"),
    "score": ("score", "Score"),
    "stage": ("stage_entered_at", "Stage"),
}
DEFAULT_SORT: Final = "-opened"


def read_order(sort: str) -> tuple[str, Order]:
    """Read the order from the address; an unknown one means newest first."""
    name = sort.removeprefix("-")
    if name not in SORTS:
        return read_order(DEFAULT_SORT)
    column = SORTS[name][0]
    read = int if column == "score" else datetime.fromisoformat
    return sort, Order(column, sort.startswith("-"), read)


def list_page(leads: LeadQuerySet, order: Order, cursor: Cursor | None) -> Page[LeadRow]:
    index = LeadRow._fields.index(order.column)
    return page_of(
        leads.values_list("pk", order.column),
        order,
        cursor,
        size=PAGE_SIZE,
        value_of=lambda row: row[index],
        key_of=lambda row: row.lead_id,
        fetch=rows_with_names,
    )


def rows_with_names(leads: QuerySet[Any, Any]) -> list[LeadRow]:
    try:
        sql, params = leads.query.sql_with_params()
    except EmptyResultSet:
        return []
    columns = (str(column) for column in leads.query.order_by)
    order = ", ".join(
        f"found.{column.removeprefix('-')}{' DESC' if column.startswith('-') else ''}"
        for column in columns
    )
    rows = fetch_rows(ROWS_SQL.format(called=CALLED_SQL, found=sql, order=order), params)
    return [LeadRow(*row) for row in rows]


def bounded_count(
    leads: LeadQuerySet, page: Page[LeadRow], *, is_sequential_scan: bool
) -> int | None:
    """Count up to 1,001 leads, without a statement when there is a single page.

    None after a sequential search: the count would take ten times as long as the page.
    """
    if page.before is None and page.after is None:
        return len(page.rows)
    if is_sequential_scan:
        return None
    sql, params = leads.order_by().values("pk")[:MAX_COUNT].query.sql_with_params()
    ((count,),) = fetch_rows(f"SELECT count(*) FROM ({sql}) AS found", params)  # noqa: S608  (no input in it)
    return int(count)


EXPORT_COLUMNS: Final[Mapping[str, Any]] = {
    "lead": "pk",
    "opened_at": "opened_at",
    "stage": "stage",
    "stage_entered_at": "stage_entered_at",
    "closed_at": "closed_at",
    "temperature": "temperature",
    "score": "score",
    "lead_type": "lead_type__code",
    "source": "source__code",
    "campaign": "campaign__code",
    "contact": "contact__name",
    "email": "contact__email",
    "phone": "contact__phone",
    "title": "contact__title",
    "external_ids": external_ids_of("contact_id"),
    "company": "company__name",
    "domain": "company__domain",
    "country": Coalesce(NullIf("company__country", Value("")), "contact__country"),
    "owner": "owner__email",
    "queue": "queue__name",
    "amount": "amount",
    "currency": "currency",
}


def export_rows(leads: LeadQuerySet, order: Order) -> Iterator[list[Any]]:
    """Read the rows of a file in chunks, so that any number fits into memory."""
    rows = leads.order_by(*order.columns()).values_list(*EXPORT_COLUMNS.values())
    for row in rows.iterator(chunk_size=2000):
        yield [cell_of(value) for value in row]


def cell_of(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return ", ".join(value) if isinstance(value, list) else value
