"""The leads list and its export."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Final
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from core.csv_export import csv_of
from core.pagination import Cursor, read_cursor
from core.permissions import Right
from handoff.lead_access import visible_leads
from handoff.lead_filters import BEFORE, LeadFilter, read_known
from leads.list_queries import (
    COUNTED,
    EXPORTED,
    SORTS,
    bounded_count,
    exported,
    list_page,
    order_named,
)
from leads.models import Lead
from people.access import right_required
from people.requests import HtmxRequest, signed_in

OFTEN_USED: Final = ("open", "stage", "owner", "source")


@right_required(Right.SEE_LEADS)
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
    query = kept(asked, but=filtered.form.errors)
    context = {
        "at": timezone.now(),
        "rows": page.rows,
        "count": bounded_count(found, page, is_walked=filtered.is_walked),
        "is_counted": COUNTED,
        "search": filtered.form["q"],
        "often": [field for field in fields if field.name in OFTEN_USED],
        "seldom": [field for field in fields if field.name not in (*OFTEN_USED, "q")],
        "seldom_count": len(names - {*OFTEN_USED, "q"}),
        "errors": filtered.refused,
        "sort": sort,
        "heads": sort_heads(query, sort),
        "chips": [(f"{label}: {value}", without(query, name)) for name, label, value in in_use],
        "clear_href": without(query, *names),
        "before_href": page_href(query, page.before),
        "after_href": page_href(query, page.after),
        "export_href": f"{reverse('workspace:export_leads')}{address(query)}",
    }
    template = "workspace/leads/list.html#leads" if request.htmx else "workspace/leads/list.html"
    return render(request, template, context)


@right_required(Right.SEE_LEADS)
@require_GET
def export(request: HtmxRequest) -> HttpResponseBase:
    """What the list shows under these filters, all of it; a wrong filter exports nothing."""
    filtered = filter_of(request)
    if not filtered.form.is_valid():
        refused = " ".join(f"{label}: {error}" for label, error in filtered.refused)
        return render(
            request, "workspace/leads/export_refused.html", {"refused": refused}, status=400
        )
    _, order = order_named(request.GET.get("sort", ""))
    day = timezone.localdate()
    return csv_of(f"leads-{day}", list(EXPORTED), exported(filtered.qs, order))


def filter_of(request: HtmxRequest) -> LeadFilter:
    """Words find whatever may be opened, as does asking for what one had before.

    Without them the list is what the teams hold now.
    """
    user, asked = signed_in(request), request.GET
    reaches_back = asked.get("q", "").strip() or asked.get("owner") == BEFORE
    return LeadFilter(
        asked,
        visible_leads(user) if reaches_back else Lead.objects.held_for(user),
        user=user,
        known=read_known(),
    )


def kept(asked: QueryDict, *, but: Container[str]) -> dict[str, str]:
    """What the list shows: without the place in it, empty fields and what was left out."""
    return {
        name: str(value)
        for name, value in asked.items()
        if value and name != "page" and name not in but
    }


def address(query: Mapping[str, str]) -> str:
    return f"?{urlencode(query)}"


def without(query: Mapping[str, str], *names: str) -> str:
    return address({name: value for name, value in query.items() if name not in names})


def page_href(query: Mapping[str, str], cursor: Cursor | None) -> str:
    return address({**query, "page": str(cursor)}) if cursor else ""


def sort_heads(query: Mapping[str, str], sort: str) -> dict[str, dict[str, str]]:
    """For each column that sorts: its label, where it leads and how it sorts now."""
    heads = {}
    for name, (_, label) in SORTS.items():
        turned = name if sort == f"-{name}" else f"-{name}"  # highest first
        order = {name: "ascending", f"-{name}": "descending"}.get(sort, "")
        href = address({**query, "sort": turned})
        heads[name] = {"label": label, "href": href, "order": order}
    return heads
