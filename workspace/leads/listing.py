"""One page of the leads list: the queries of its rows and of their number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.pagination import PageSlice, read_cursor
from core.raw_sql import BoundQuery
from handoff.lead_filters import LeadFilter
from leads.list_queries import (
    MAX_COUNT,
    MAX_SCANNED,
    ListQuery,
    count_query,
    counted_first,
    max_sorted,
    newest,
    read_order,
    with_sort_text,
)
from workspace.leads.addresses import ListAddress


@dataclass(frozen=True)
class Listing:
    """One page of the list before its rows are there.

    `count` is known if the leads were counted first, and `counting` counts them beside the page.
    Only the newest `max_sorted` leads are sorted, if there is such a bound.
    """

    lead_filter: LeadFilter
    sort: str
    query: ListQuery
    count: int | None
    max_count: int
    max_sorted: int | None
    counting: BoundQuery[int] | None

    @property
    def queries(self) -> list[BoundQuery[Any]]:
        return [self.query.rows, *([self.counting] if self.counting else [])]


def listing_of(lead_filter: LeadFilter, address: ListAddress, *, size: int) -> Listing:
    sort, order = read_order(address.params.get("sort", ""))
    matching, is_slow = lead_filter.qs, lead_filter.has_many_matches
    count, most = None, MAX_COUNT
    if lead_filter.is_scanned:
        most = MAX_SCANNED
        matching, count = counted_first(lead_filter.to_count)
    limit = max_sorted(sort, has_many_matches=is_slow)
    listed = with_sort_text(matching if limit is None else newest(matching, limit), sort)
    cursor = read_cursor(address.params.get("page", ""))
    # The first page of a search is often all there is, and a count would search once more.
    may_be_all = lead_filter.is_search and cursor is None
    is_counted_beside = count is None and not is_slow and not may_be_all
    return Listing(
        lead_filter,
        sort,
        ListQuery.of(listed, PageSlice.at(cursor, order, size=size)),
        count,
        most,
        limit,
        count_query(lead_filter.to_count) if is_counted_beside else None,
    )
