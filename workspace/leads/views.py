"""The leads list and its export."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Final
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from core.csv_export import csv_of
from core.pagination import Cursor, read_cursor
from core.parameters import parameter_problems
from core.permissions import Right
from handoff.lead_access import visible_leads
from handoff.lead_filters import (
    PREVIOUSLY_MINE,
    RENAMED,
    LeadFilter,
    read_filter_choices,
    with_current_names,
)
from handoff.return_reasons import return_reasons
from handoff.suppression import suppression_texts
from leads.list_queries import (
    EXPORT_COLUMNS,
    MAX_COUNT,
    SORTS,
    bounded_count,
    export_rows,
    list_page,
    read_order,
)
from leads.models import Lead
from people.access import right_required
from people.requests import HtmxRequest, signed_in

PARAMETERS: Final = frozenset({*LeadFilter.base_filters, *RENAMED, "sort", "page"})
MAIN_FILTERS: Final = ("open", "stage", "owner", "source")


@right_required(Right.SEE_LEADS)
@require_GET
@vary_on_headers("HX-Request")
def leads(request: HtmxRequest) -> HttpResponse:
    params = request.GET
    if not RENAMED.keys().isdisjoint(params):
        return redirect(f"{request.path}?{with_current_names(params).urlencode()}")
    lead_filter = filter_of(request)
    matching = lead_filter.qs
    sort, order = read_order(params.get("sort", ""))
    page = list_page(matching, order, read_cursor(params.get("page", "")))
    in_use = lead_filter.in_use
    names = {name for name, _, _ in in_use}
    shows_suppressed = lead_filter.shows_suppressed
    inputs = lead_filter.inputs
    search = inputs.pop("q").value
    problems = problems_of(params)
    query = kept_params(params, without_names={*lead_filter.form.errors, *problems})
    context = {
        "at": timezone.localtime(),
        "rows": page.rows,
        "remarks": remarks_on(
            [row.lead_id for row in page.rows],
            suppressed=shows_suppressed,
            returned="returned" in names,
        ),
        "shows_suppressed": shows_suppressed,
        "count": bounded_count(matching, page, is_sequential_scan=lead_filter.is_sequential_scan),
        "max_count": MAX_COUNT,
        "search": search,
        "main_inputs": [inputs.pop(name) for name in MAIN_FILTERS],
        "more_inputs": list(inputs.values()),
        "more_in_use": len(names - {*MAIN_FILTERS, "q"}),
        "errors": [
            *(f"{label}: {error} The filter was ignored." for label, error in lead_filter.refused),
            *(f"Ignored: {problem}" for problem in problems.values()),
        ],
        "sort": sort,
        "reasons": lead_filter.choices.reasons
        if signed_in(request).may(Right.EDIT_CONTEXT)
        else (),
        "here": f"{request.path}{address(query)}",
        "heads": sort_heads(query, sort),
        "chips": [(f"{label}: {value}", without(query, name)) for name, label, value in in_use],
        "clear_href": without(query, *names),
        "before_href": page_href(query, page.before),
        "after_href": page_href(query, page.after),
        "export_href": f"{reverse('workspace:export_leads')}{address(query)}",
    }
    template = "workspace/leads/list.html#leads" if request.htmx else "workspace/leads/list.html"
    return render(request, template, context)


def remarks_on(lead_ids: list[int], *, suppressed: bool, returned: bool) -> Mapping[int, str]:
    """Say under each lead why it is returned or suppressed, if the list is filtered by that."""
    if suppressed:
        return suppression_texts(lead_ids)
    return return_reasons(lead_ids) if returned else {}


@right_required(Right.SEE_LEADS)
@require_GET
def export(request: HtmxRequest) -> HttpResponseBase:
    """Export all leads under the filters; an invalid filter exports nothing."""
    lead_filter = filter_of(request)
    problems = problems_of(request.GET)
    if problems or not lead_filter.form.is_valid():
        errors = (f"{label}: {error}" for label, error in lead_filter.refused)
        refused = " ".join([*errors, *problems.values()])
        return render(
            request, "workspace/leads/export_refused.html", {"refused": refused}, status=400
        )
    _, order = read_order(request.GET.get("sort", ""))
    day = timezone.localdate()
    return csv_of(f"leads-{day}", list(EXPORT_COLUMNS), export_rows(lead_filter.qs, order))


def problems_of(params: QueryDict) -> dict[str, str]:
    sort = params.get("sort", "")
    unsorted = {"sort": f"“{sort}” is not an order here."} if sort != read_order(sort)[0] else {}
    return parameter_problems(params, PARAMETERS) | (unsorted if sort else {})


def filter_of(request: HtmxRequest) -> LeadFilter:
    """Search and “Previously mine” look through all visible leads, otherwise current ones."""
    user, params = signed_in(request), with_current_names(request.GET)
    sees_former = params.get("q", "").strip() or params.get("owner") == PREVIOUSLY_MINE
    leads = visible_leads(user) if sees_former else Lead.objects.held_for(user)
    return LeadFilter(
        params,
        leads.counted(),
        user=user,
        choices=read_filter_choices(),
    )


def kept_params(params: QueryDict, *, without_names: Container[str]) -> dict[str, str]:
    """Return the filters and the order, without the page, empty and invalid fields."""
    return {
        name: str(value)
        for name, value in params.items()
        if value and name != "page" and name not in without_names
    }


def address(query: Mapping[str, str]) -> str:
    return f"?{urlencode(query)}"


def without(query: Mapping[str, str], *names: str) -> str:
    return address({name: value for name, value in query.items() if name not in names})


def page_href(query: Mapping[str, str], cursor: Cursor | None) -> str:
    return address({**query, "page": str(cursor)}) if cursor else ""


def sort_heads(query: Mapping[str, str], sort: str) -> dict[str, dict[str, str]]:
    """Return label, address and current order of each column that sorts."""
    heads = {}
    for name, (_, label) in SORTS.items():
        next_sort = name if sort == f"-{name}" else f"-{name}"  # highest first
        order = {name: "ascending", f"-{name}": "descending"}.get(sort, "")
        href = address({**query, "sort": next_sort})
        heads[name] = {"label": label, "href": href, "order": order}
    return heads
