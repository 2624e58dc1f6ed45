"""The leads list and its export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from core.csv_export import csv_of
from core.parameters import parameter_problems
from core.permissions import Right
from core.raw_sql import BoundQuery, answered_meanwhile, run_together
from handoff.lead_filters import RENAMED, LeadFilter, filter_choices_query, with_current_names
from handoff.return_reasons import return_reasons
from handoff.suppression import suppression_texts
from leads.list_queries import (
    EXPORT_COLUMNS,
    SORTS,
    bounded_count,
    export_rows,
    read_order,
    with_sort_text,
)
from leads.models import PAGE_SIZES, LeadQuerySet
from leads.saved_views import ListChoices, list_choices_query
from people.access import right_required
from people.requests import HtmxRequest, signed_in
from workspace.leads.addresses import (
    ListAddress,
    filters_of,
    read_address,
    sort_heads,
    view_tabs,
)
from workspace.leads.listing import Listing, NamesById, listing_of
from workspace.leads.selection import actions_for, filter_of

PARAMETERS: Final = frozenset({*LeadFilter.base_filters, *RENAMED, "sort", "page", "view"})
MAIN_FILTERS: Final = ("open", "stage", "owner", "source")
MISSING_VIEW: Final = "This view no longer exists. It may have been deleted by its owner."


@right_required(Right.SEE_LEADS)
@require_GET
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def leads(request: HtmxRequest) -> HttpResponse:
    if not RENAMED.keys().isdisjoint(request.GET):
        return redirect(f"{request.path}?{with_current_names(request.GET).urlencode()}")
    user = signed_in(request)
    views, filters = list_choices_query(user), filter_choices_query()
    run_together(views, filters)
    choices = views.only_row
    address = read_address(request.GET, choices)
    is_part = bool(request.htmx) and not request.htmx.history_restore_request
    if "" in request.GET.values() and not is_part:
        return redirect(f"{request.path}{address.href(address.kept())}")
    lead_filter = filter_of(user, address.params, filters.only_row)
    problems = problems_of(address.params)
    query = address.kept(without_names={*lead_filter.form.errors, *problems})
    here = f"{request.path}{address.href(query)}"
    listing = listing_of(lead_filter, address, size=choices.page_size)
    with answered_meanwhile() as send:
        send(listing.query.rows)
        counting = listing.count_query()
        send(counting)
        context = {
            **filters_context(lead_filter, address, query),
            **views_context(choices, address, query),
            "errors": errors_of(lead_filter, problems, address),
            "actions": actions_for(user, shows_suppressed=lead_filter.shows_suppressed),
            "may_edit_context": user.may(Right.EDIT_CONTEXT),
            "may_add": user.may(Right.ADD_LEADS),
            "here": here,
            "query": urlencode(query),
            "export_href": f"{reverse('workspace:export_leads')}?{urlencode(query)}",
        }
    context |= rows_context(listing, counting, address, query)
    template = "workspace/leads/found.jinja" if is_part else "workspace/leads/page.jinja"
    response = render(request, template, context, using="jinja2")
    if is_part:
        response["HX-Push-Url"] = here
    return response


def rows_context(
    listing: Listing, counting: BoundQuery[int], address: ListAddress, query: Mapping[str, str]
) -> dict[str, Any]:
    """Return the page of the list, its order and its neighbors."""
    lead_filter, sort, count = listing.lead_filter, listing.sort, listing.count
    config, page = lead_filter.choices.config, listing.page()
    if count is None:
        count = bounded_count(
            lead_filter.to_count,
            page,
            counting,
            has_many_matches=lead_filter.has_many_matches,
        )
    remarks = remarks_on(
        [row.lead_id for row in page.rows],
        suppressed=lead_filter.shows_suppressed,
        returned=any(name == "returned" for name, _, _ in lead_filter.in_use),
    )
    is_cut = count is None or count >= listing.max_count
    return {
        "at": timezone.localtime(),
        "rows": page.rows,
        "remarks": remarks,
        "type_names": NamesById((pk, row.name) for pk, row in config.lead_types_by_id.items()),
        "source_names": NamesById((pk, row.name) for pk, row in config.sources_by_id.items()),
        "count": count,
        "max_count": listing.max_count,
        "sort": query.get("sort", ""),
        "max_sorted": listing.max_sorted if is_cut else None,
        "sorted_by": SORTS[sort.removeprefix("-")].label,
        "heads": sort_heads(address, query, sort),
        "before_href": address.page_href(query, page.before),
        "after_href": address.page_href(query, page.after),
    }


def filters_context(
    lead_filter: LeadFilter, address: ListAddress, query: Mapping[str, str]
) -> dict[str, Any]:
    """Return the inputs of the filters, and a chip for each in use that removes it."""
    in_use = lead_filter.in_use
    names = {name for name, _, _ in in_use}
    inputs = lead_filter.inputs
    return {
        "shows_suppressed": lead_filter.shows_suppressed,
        "search": inputs.pop("q").value,
        "main_inputs": [inputs.pop(name) for name in MAIN_FILTERS],
        "more_inputs": list(inputs.values()),
        "without_index": lead_filter.without_index,
        "is_more_open": bool(names - {*MAIN_FILTERS, "q"}),
        "chips": [
            (f"{label}: {value}", address.without(query, name)) for name, label, value in in_use
        ],
        "clear_href": address.without(query, *names),
    }


def views_context(
    choices: ListChoices, address: ListAddress, query: Mapping[str, str]
) -> dict[str, Any]:
    """Return the saved views, the one in use, and how the reader likes the list."""
    view = address.view
    return {
        "tabs": view_tabs(choices, address),
        "view": view,
        "is_view_changed": view is not None and query != filters_of(view),
        "view_teams": choices.teams_for(view),
        "choices": choices,
        "page_sizes": PAGE_SIZES,
    }


def errors_of(
    lead_filter: LeadFilter, problems: Mapping[str, str], address: ListAddress
) -> list[str]:
    """Say what was ignored, and of a saved view that it filters by what no longer exists."""
    text = "The filter was ignored."
    if address.view is not None and lead_filter.refused:
        text = f"The view “{address.view.name}” filters by it, and the filter was ignored."
    return [
        *([MISSING_VIEW] if address.is_missing_view else []),
        *(f"{label}: {error} {text}" for label, error in lead_filter.refused),
        *(f"Ignored: {problem}" for problem in problems.values()),
    ]


def remarks_on(lead_ids: list[int], *, suppressed: bool, returned: bool) -> Mapping[int, str]:
    """Say under each lead why it is returned or suppressed, if the list is filtered by that."""
    if suppressed:
        return suppression_texts(lead_ids)
    return return_reasons(lead_ids) if returned else {}


@right_required(Right.SEE_LEADS)
@require_GET
def export(request: HtmxRequest) -> HttpResponseBase:
    """Export all leads under the filters; an invalid filter exports nothing."""
    lead_filter = filter_of(signed_in(request), request.GET)
    problems = problems_of(request.GET)
    if problems or not lead_filter.form.is_valid():
        errors = (f"{label}: {error}" for label, error in lead_filter.refused)
        refused = " ".join([*errors, *problems.values()])
        return render(
            request, "workspace/leads/export_refused.html", {"refused": refused}, status=400
        )
    return csv_of_leads(lead_filter.qs, request.GET.get("sort", ""))


def csv_of_leads(leads: LeadQuerySet, sort: str) -> HttpResponseBase:
    sort, order = read_order(sort)
    rows = export_rows(with_sort_text(leads, sort), order)
    return csv_of(f"leads-{timezone.localdate()}", list(EXPORT_COLUMNS), rows)


def problems_of(params: QueryDict) -> dict[str, str]:
    sort = params.get("sort", "")
    unsorted = {"sort": f"“{sort}” is not an order here."} if sort != read_order(sort)[0] else {}
    return parameter_problems(params, PARAMETERS) | (unsorted if sort else {})
