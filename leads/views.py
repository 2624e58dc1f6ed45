"""The leads list and its export."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from leads.configuration import configuration
from leads.filters import LeadFilter, read_known
from leads.listing import (
    COUNTED,
    EXPORTED,
    SORTS,
    bounded_count,
    exported,
    list_page,
    order_named,
)
from leads.models import Lead
from people.access import only_for
from people.csv_files import csv_of
from people.paging import Cursor, read_cursor
from people.requests import HtmxRequest, signed_in
from people.roles import Role

EVERYBODY: Final = frozenset(Role)
OFTEN_USED: Final = ("open", "stage", "owner", "source")


@only_for(EVERYBODY)
@require_GET
@vary_on_headers("HX-Request")
def leads(request: HtmxRequest) -> HttpResponse:
    asked = request.GET
    filtered = filter_of(request)
    found = filtered.qs
    sort, order = order_named(asked.get("sort", ""))
    page = list_page(found, order, read_cursor(asked.get("page", "")))
    in_use = filtered.in_use
    names = {name for name, _, _ in in_use}
    fields = list(filtered.form)
    context = {
        "at": timezone.now(),
        "rows": page.rows,
        "count": bounded_count(found, page),
        "is_counted": COUNTED,
        "search": filtered.form["q"],
        "often": [field for field in fields if field.name in OFTEN_USED],
        "seldom": [field for field in fields if field.name not in (*OFTEN_USED, "q")],
        "seldom_count": len(names - {*OFTEN_USED, "q"}),
        "errors": filtered.refused,
        "sort": sort,
        "heads": sort_heads(asked, sort),
        "chips": [(f"{label}: {value}", without(asked, name)) for name, label, value in in_use],
        "clear_href": without(asked, *names),
        "before_href": page_href(asked, page.before),
        "after_href": page_href(asked, page.after),
        "export_href": f"{reverse('leads:export')}?{kept(asked).urlencode()}",
    }
    template = "leads/list.html#leads" if request.htmx else "leads/list.html"
    return render(request, template, context)


@only_for(EVERYBODY)
@require_GET
def export(request: HtmxRequest) -> HttpResponseBase:
    """What the list shows under these filters, all of it; a wrong filter exports nothing."""
    filtered = filter_of(request)
    if not filtered.form.is_valid():
        raise PermissionDenied
    _, order = order_named(request.GET.get("sort", ""))
    day = timezone.localdate()
    return csv_of(f"leads-{day}", list(EXPORTED), exported(filtered.qs, order))


def filter_of(request: HtmxRequest) -> LeadFilter:
    user = signed_in(request)
    return LeadFilter(
        request.GET,
        Lead.objects.visible_to(user),
        user=user,
        known=read_known(configuration.now()),
    )


def kept(asked: QueryDict) -> QueryDict:
    """What the address asks for, without the place in the list and without empty fields."""
    query = asked.copy()
    for name in [name for name, value in asked.items() if name == "page" or not value]:
        del query[name]
    return query


def without(asked: QueryDict, *names: str) -> str:
    query = kept(asked)
    for name in names:
        query.pop(name, None)
    return f"?{query.urlencode()}"


def page_href(asked: QueryDict, cursor: Cursor | None) -> str:
    if cursor is None:
        return ""
    query = kept(asked)
    query["page"] = str(cursor)
    return f"?{query.urlencode()}"


def sort_heads(asked: QueryDict, sort: str) -> dict[str, dict[str, Any]]:
    """For each column that sorts: its label, where it leads and how it sorts now."""
    heads = {}
    for name, (_, label) in SORTS.items():
        query = kept(asked)
        query["sort"] = name if sort == f"-{name}" else f"-{name}"  # highest first
        order = {name: "ascending", f"-{name}": "descending"}.get(sort, "")
        heads[name] = {"label": label, "href": f"?{query.urlencode()}", "order": order}
    return heads
