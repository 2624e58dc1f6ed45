"""Read the address of the leads list, and keep it short: no empty field, no default."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from django.http import QueryDict

from core.pagination import Cursor
from core.sorting import SortHead, sort_head
from leads.list_queries import DEFAULT_SORT, SORTS
from leads.saved_views import ListChoices, ViewRow

ALL_LEADS: Final = "all"
OUTSIDE_FILTERS: Final = frozenset({"view", "page"})


@dataclass(frozen=True)
class ListAddress:
    """The filters and the order in effect, and the saved view that one came from."""

    params: QueryDict
    view: ViewRow | None
    is_missing_view: bool
    has_default: bool

    def kept(self, *, without_names: Container[str] = ()) -> dict[str, str]:
        return {
            name: str(value)
            for name, value in self.params.items()
            if value
            and name not in OUTSIDE_FILTERS
            and name not in without_names
            and (name, value) != ("sort", DEFAULT_SORT)
        }

    def href(self, query: Mapping[str, str], **more: str) -> str:
        """Return the shortest address of these filters; “all” is what no default view replaces."""
        if not query:
            return f"?{urlencode({'view': ALL_LEADS} if self.has_default else {})}{tail(more)}"
        if self.view is None:
            return f"?{urlencode({**query, **more})}"
        filters = {} if query == filters_of(self.view) else query
        return f"?{urlencode({'view': str(self.view.pk), **filters, **more})}"

    def without(self, query: Mapping[str, str], *names: str) -> str:
        return self.href({name: value for name, value in query.items() if name not in names})

    def page_href(self, query: Mapping[str, str], cursor: Cursor | None) -> str:
        return self.href(query, page=str(cursor)) if cursor else ""


def tail(more: Mapping[str, str]) -> str:
    return f"&{urlencode(more)}" if more else ""


def filters_of(view: ViewRow) -> dict[str, str]:
    return dict(parse_qsl(view.query))


def read_address(sent: QueryDict, choices: ListChoices) -> ListAddress:
    """Take the filters of a named view, unless there are filters beside its name."""
    name = sent.get("view", "")
    has_default = choices.default_view_id is not None
    if not sent and choices.default_view_id is not None:
        name = str(choices.default_view_id)
    view = next((view for view in choices.views.values() if str(view.pk) == name), None)
    params = sent
    if view is not None and sent.keys() <= OUTSIDE_FILTERS:
        params = QueryDict(view.query, mutable=True)
        params.update({name: str(sent[name]) for name in sent})
    return ListAddress(params, view, bool(name) and not view and name != ALL_LEADS, has_default)


def view_tabs(choices: ListChoices, address: ListAddress) -> list[tuple[str, str, bool]]:
    has_default = choices.default_view_id is not None
    everything = ("All leads", f"?view={ALL_LEADS}" if has_default else "?", address.view is None)
    return [
        everything,
        *((view.name, f"?view={view.pk}", view == address.view) for view in choices.views.values()),
    ]


def sort_heads(address: ListAddress, query: Mapping[str, str], sort: str) -> dict[str, SortHead]:
    others = {key: value for key, value in query.items() if key != "sort"}

    def href(order: str) -> str:
        return address.href(others if order == DEFAULT_SORT else {**others, "sort": order})

    return {
        name: sort_head(entry.label, name, sort, href, descending_first=entry.text is None)
        for name, entry in SORTS.items()
    }
