"""Query the leads list: plain rows in a chosen order, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet, Value
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.functions import Coalesce, Lower, NullIf

from core.compiled import CompiledSql
from core.formatting import date_text
from core.pagination import Order, Page, PageSlice
from core.raw_sql import BoundQuery, fetch_rows
from leads.contact_names import CALLED_SQL
from leads.external_ids import external_ids_of
from leads.models import Lead, LeadQuerySet
from leads.search import is_one_of
from people.models import User
from people.readers import ReaderShape, reader_of, shape_of, values_of

PAGE_SIZE: Final = 50
MAX_COUNT: Final = 1001
# Where all leads are read until so many match.
MAX_SCANNED: Final = 501
# Of longer lists only the newest leads are sorted by names: all would have to be read.
MAX_SORTED: Final = 1_000
MAX_SORTED_OF_MANY: Final = 150  # more than a page


class LeadRow(NamedTuple):
    """A lead in the list; the names of lead types and sources are in the configuration."""

    lead_id: int
    opened_at: datetime
    score: int
    stage_entered_at: datetime
    stage: str
    temperature: str
    who: str
    title: str
    company: str | None
    owner: str | None
    queue: str | None
    wake_on: date | None
    company_id: int | None
    lead_type_id: int | None
    source_id: int | None
    owner_id: int | None
    queue_id: int | None
    sort_value: Any

    @property
    def until(self) -> str:
        return date_text(self.wake_on) if self.wake_on else ""


# Raw SQL, because the ORM would build it for as long as PostgreSQL takes to run it.
ROWS_SQL: Final = """
SELECT lead.id, lead.opened_at, lead.score, lead.stage_entered_at,
    lead.stage, lead.temperature, {called}, contact.title,
    (SELECT name FROM leads_company WHERE id = lead.company_id),
    owner.name, queue.name, lead.wake_on,
    lead.company_id, lead.lead_type_id, lead.source_id, lead.owner_id, lead.queue_id,
    found.{sort_value}
FROM ({found}) AS found
JOIN leads_lead AS lead ON lead.id = found.pk
JOIN leads_contact AS contact ON contact.id = lead.contact_id
LEFT JOIN people_user AS owner ON owner.id = lead.owner_id
LEFT JOIN people_team AS queue ON queue.id = lead.queue_id
ORDER BY {order}
"""


class Sort(NamedTuple):
    """`text` is what a name is sorted by, for which there is no index."""

    label: str
    column: str
    read: Callable[[str], Any] = datetime.fromisoformat
    text: Combinable | None = None


def by_name(label: str, *names: str) -> Sort:
    present = [NullIf(name, Value("")) for name in names]
    text = Lower(Coalesce(*present) if len(present) > 1 else present[0])
    return Sort(label, "sort_text", str, text)


SORTS: Final[Mapping[str, Sort]] = {
    "opened": Sort("Opened", "opened_at"),
    "score": Sort("Score", "score", int),
    "stage": Sort("Stage", "stage_entered_at"),
    "name": by_name("Lead", "contact__name", "contact__email"),
    "company": by_name("Company", "company__name"),
    "source": by_name("Source", "source__name"),
    "owner": by_name("Owner", "owner__name", "queue__name"),
}
DEFAULT_SORT: Final = "-opened"


def sort_named(sort: str) -> Sort | None:
    return SORTS.get(sort.removeprefix("-"))


def read_order(sort: str) -> tuple[str, Order]:
    """Read the order from the address; an unknown one means newest first."""
    entry = sort_named(sort)
    if entry is None:
        return read_order(DEFAULT_SORT)
    return sort, Order(entry.column, sort.startswith("-"), entry.read, entry.text is not None)


def with_sort_text(leads: LeadQuerySet, sort: str) -> LeadQuerySet:
    """Add the column of an order by names."""
    entry = sort_named(sort)
    return leads if entry is None or entry.text is None else leads.annotate(sort_text=entry.text)


def max_sorted(sort: str, *, has_many_matches: bool) -> int | None:
    """Return how many leads of a list this order sorts; None if an index has them in order."""
    entry = sort_named(sort) or SORTS["opened"]
    if has_many_matches and entry.column != "opened_at":
        return MAX_SORTED_OF_MANY
    return None if entry.text is None else MAX_SORTED


def newest(leads: LeadQuerySet, number: int) -> LeadQuerySet:
    _, order = read_order(DEFAULT_SORT)
    return Lead.objects.filter(pk__in=leads.order_by(*order.columns()).values("pk")[:number])


@dataclass(frozen=True)
class ListQuery:
    """A page of the list before its rows are there; whoever has it sends `rows`."""

    part: PageSlice
    rows: BoundQuery[LeadRow]

    @classmethod
    def of(cls, leads: LeadQuerySet, part: PageSlice) -> ListQuery:
        return cls(part, rows_query(found_on(leads, part)))

    @classmethod
    def first_of_all(cls, reader: User, sort: str, size: int) -> ListQuery:
        """Return the first page without a filter, which is opened most, in an order of an index."""
        part = PageSlice(read_order(sort)[1], size)
        sql, params = FIRST_PAGE.sql(shape_of(reader), sort, size, **values_of(reader))
        return cls(part, with_names(sql, params, part.order.columns()) if sql else BoundQuery(""))

    def page(self) -> Page[LeadRow]:
        return self.part.page(
            self.rows.rows, value_of=lambda row: row.sort_value, key_of=lambda row: row.lead_id
        )


def found_on(leads: LeadQuerySet, part: PageSlice) -> QuerySet[Any, Any]:
    return part.of(leads.values_list("pk", part.order.column))


def all_for(shape: ReaderShape, **values: Any) -> LeadQuerySet:
    return Lead.objects.held_for(reader_of(shape, **values)).counted()


FIRST_PAGE: Final = CompiledSql(
    lambda shape, sort, size, **values: found_on(
        all_for(shape, **values), PageSlice(read_order(sort)[1], size)
    )
)
COUNTED: Final = CompiledSql(lambda shape, most, **values: limited(all_for(shape, **values), most))


def rows_query(leads: QuerySet[Any, Any]) -> BoundQuery[LeadRow]:
    """Read the ordered leads with the names that their rows show."""
    try:
        sql, params = leads.query.sql_with_params()
    except EmptyResultSet:
        return BoundQuery("")
    return with_names(sql, params, leads.query.order_by)


def with_names(leads_sql: str, params: Sequence[Any], terms: Any) -> BoundQuery[LeadRow]:
    """Read the rows of the leads of this SQL, in the order of these terms."""
    query = ROWS_SQL.format(
        called=CALLED_SQL,
        found=leads_sql,
        sort_value=terms[0].expression.name,
        order=", ".join(map(term_sql, terms)),
    )
    return BoundQuery(query, params, lambda rows: [LeadRow(*row) for row in rows])


def term_sql(term: OrderBy) -> str:
    column: Any = term.expression
    nulls = {term.nulls_first: " NULLS FIRST", term.nulls_last: " NULLS LAST"}.get(True, "")
    return f"found.{column.name}{' DESC' if term.descending else ''}{nulls}"


def limited(leads: LeadQuerySet, most: int) -> QuerySet[Any, Any]:
    return leads.values("pk")[:most]


def count_query(leads: LeadQuerySet) -> BoundQuery[int]:
    """Count up to 1,001 leads in their order."""
    try:
        return count_of(*limited(leads, MAX_COUNT).query.sql_with_params())
    except EmptyResultSet:
        return BoundQuery("")


def count_of_all(reader: User) -> BoundQuery[int]:
    """Count up to 1,001 leads of a list without a filter."""
    return count_of(*COUNTED.sql(shape_of(reader), MAX_COUNT, **values_of(reader)))


def count_of(sql: str, params: Sequence[Any]) -> BoundQuery[int]:
    if not sql:
        return BoundQuery("")
    count = f"SELECT count(*) FROM ({sql}) AS found"  # noqa: S608  (no input in it)
    return BoundQuery(count, params, lambda rows: [number for (number,) in rows])


def bounded_count(
    leads: LeadQuerySet,
    page: Page[LeadRow],
    counting: BoundQuery[int],
    *,
    has_many_matches: bool,
) -> int | None:
    """Return the count, from `counting` if that ran beside the page; a single page needs none.

    None after a search with many matches: the count would take ten times as long as the page.
    """
    if page.before is None and page.after is None:
        return len(page.rows)
    if has_many_matches:
        return None
    return (counting.rows or count_query(leads).fetch())[0]


def counted_first(leads: LeadQuerySet) -> tuple[LeadQuerySet, int]:
    """Count up to 501 leads; if there are fewer, return them by their ids.

    Without an index, the few leads of a page would be looked for among all once more.
    """
    sql, params = leads.values("pk")[:MAX_SCANNED].query.sql_with_params()
    ids = [pk for (pk,) in fetch_rows(sql, params)]
    if len(ids) < MAX_SCANNED:
        leads = Lead.objects.filter(is_one_of("pk", ids))
    return leads, len(ids)


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
