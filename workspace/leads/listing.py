"""One page of the leads list: the queries of its rows and of their number."""

from __future__ import annotations

from dataclasses import dataclass

from core.formatting import NO_VALUE
from core.pagination import Page, PageSlice, read_cursor
from core.raw_sql import BoundQuery
from handoff.lead_filters import LeadFilter
from leads.list_queries import (
    MAX_COUNT,
    MAX_SCANNED,
    LeadRow,
    ListQuery,
    count_of_all,
    count_query,
    counted_first,
    max_sorted,
    newest,
    read_order,
    with_sort_text,
)
from workspace.leads.addresses import ListAddress


class NamesById(dict[int | None, str]):
    """Names by id; a dash for none, and for what was added after they were read."""

    def __missing__(self, pk: int | None) -> str:
        return NO_VALUE


@dataclass(frozen=True)
class Listing:
    """One page of the list before its rows are there.

    `count` is known if the leads were counted first. Only the newest `max_sorted` leads are sorted,
    if there is such a bound.
    """

    lead_filter: LeadFilter
    sort: str
    query: ListQuery
    count: int | None
    max_count: int
    max_sorted: int | None
    is_counted_beside: bool

    def count_query(self) -> BoundQuery[int]:
        """Return what counts beside the page; it is empty for a page that needs none."""
        if not self.is_counted_beside:
            return BoundQuery("")
        if self.lead_filter.is_empty:
            return count_of_all(self.lead_filter.user)
        return count_query(self.lead_filter.to_count)

    def page(self) -> Page[LeadRow]:
        return self.query.page()


def listing_of(lead_filter: LeadFilter, address: ListAddress, *, size: int) -> Listing:
    sort, order = read_order(address.params.get("sort", ""))
    matching, is_slow = lead_filter.qs, lead_filter.has_many_matches
    count, most = None, MAX_COUNT
    if lead_filter.is_scanned:
        most = MAX_SCANNED
        matching, count = counted_first(lead_filter.to_count)
    limit = max_sorted(sort, has_many_matches=is_slow)
    cursor = read_cursor(address.params.get("page", ""))
    if lead_filter.is_empty and limit is None and cursor is None:
        query = ListQuery.first_of_all(lead_filter.user, sort, size)
    else:
        listed = with_sort_text(matching if limit is None else newest(matching, limit), sort)
        query = ListQuery.of(listed, PageSlice.at(cursor, order, size=size))
    # The first page of a search is often all there is, and a count would search once more.
    may_be_all = lead_filter.is_search and cursor is None
    return Listing(
        lead_filter,
        sort,
        query,
        count,
        most,
        limit,
        is_counted_beside=count is None and not is_slow and not may_be_all,
    )
