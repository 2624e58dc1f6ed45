"""The five reports and the leads behind each of their figures.

Every role reads the same numbers, so a figure and its drill-down are open to everyone with the
right to read reports. The contact, and the link to the lead, only show to those who may see it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.permissions import Right
from people.requests import signed_in
from reporting.pages import PAGES
from reporting.pages.context import FILTERS, frame_context, page_context
from reporting.pages.drilldown import drilldown_page
from reporting.queries.drilldown import read_drilldown
from reporting.queries.export import drilldown_csv, report_csv
from reporting.queries.reports import (
    REPORTS,
    Report,
    ReportRequest,
    ReportResult,
    run_report,
)
from reporting.queries.rollup_queries import read
from reporting.queries.scope import (
    DEFAULT_DAYS,
    BadScope,
    Scope,
    read_period,
    read_scope,
    read_where,
    recent,
    refuse_unknown,
    today,
)

# The page shows the funnel by stage as a chart, so its table has other rows.
PAGE_GROUPS: Final = {"funnel": "source"}
# Their pages have a table that is sorted by a metric; files are sorted where they are opened.
SORTED: Final = frozenset({"funnel", "sources", "speed"})
View = Callable[..., HttpResponseBase]


def reader_required(view: View) -> View:
    @login_required
    @require_GET
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = signed_in(request)
        if not user.may(Right.READ_REPORTS):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


@reader_required
def report(request: HttpRequest, name: str) -> HttpResponseBase:
    parameters = request.GET.dict()
    group, view = parameters.get("by", ""), parameters.get("view", "")
    is_file = parameters.get("format") == "csv"
    if name in PAGE_GROUPS and group == REPORTS[name].groups[0] and not is_file:
        group = PAGE_GROUPS[name]
    try:
        views = ["view"] if REPORTS[name].views else []
        sorts = ["sort"] if name in SORTED and not is_file else []
        refuse_unknown(request.GET, "by", "format", *sorts, *views)
        scope = read_scope(parameters, today=today())
        frame = Frame()
        result = _result(
            REPORTS[name], scope, group, view, with_all_counters=is_file, meanwhile=frame.draw
        )
        page = {} if is_file else PAGES[name](replace(result, sort=parameters.get("sort", "")))
    except BadScope as refusal:
        context = _refused(REPORTS[name], parameters, group) | {"refusal": str(refusal)}
        return _page(request, REPORTS[name], context, status=400)
    if is_file:
        return report_csv(result, exported_at=timezone.now())
    return _page(request, REPORTS[name], frame.context | page_context(result) | page)


class Frame:
    """The part of a report page that is made while the figures are read."""

    context: dict[str, Any]

    def draw(self, request: ReportRequest) -> None:
        self.context = frame_context(request, today=today())


def _page(
    request: HttpRequest, report: Report, values: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    template = f"reporting/{report.name}.jinja"
    return render(request, template, dict(values), status=status, using="jinja2")


def _result(
    report: Report,
    scope: Scope,
    group: str,
    view: str = "",
    *,
    meanwhile: Callable[[ReportRequest], object],
    with_all_counters: bool = False,
) -> ReportResult:
    if group and group not in report.groups:
        raise BadScope(f"The {report.title.lower()} report has no rows by “{group}”.")
    if view and view not in report.views:
        raise BadScope(f"The {report.title.lower()} report is not shown by “{view[:40]}”.")
    counters = () if with_all_counters else report.counters
    group = group or PAGE_GROUPS.get(report.name, "")
    return run_report(report, scope, group, view=view, counters=counters, meanwhile=meanwhile)


def _refused(report: Report, parameters: Mapping[str, str], group: str) -> dict[str, Any]:
    """Return the page without figures, with the filters and dates as they were typed."""
    dates, typed = (parameters.get("from", ""), parameters.get("to", "")), {}
    try:
        period = read_period(*dates, today=today())
    except BadScope:
        period = recent(DEFAULT_DAYS, today())
        typed = {"since": dates[0], "until": dates[1], "are_dates_refused": True}
    scope = Scope(period, read_where(parameters, FILTERS))
    rows = group if group in report.groups else ""
    frame = Frame()
    try:
        result = _result(report, scope, rows, meanwhile=frame.draw)
    except BadScope:
        result = _result(report, Scope(period), rows, meanwhile=frame.draw)
    return frame.context | page_context(result) | {"is_filtered": True} | typed


@reader_required
def leads(request: HttpRequest) -> HttpResponseBase:
    try:
        refuse_unknown(request.GET, "metric", "part", "within", "after", "format")
        drilldown = read_drilldown(request.GET.dict(), today=today())
        if request.GET.get("format") == "csv":
            people = drilldown.rows().order_by().values(drilldown.person_field)
            answers = read([], people=people)
            return drilldown_csv(
                drilldown, answers, reader=signed_in(request), exported_at=timezone.now()
            )
        context = drilldown_page(
            drilldown,
            read(drilldown.questions()),
            reader=signed_in(request),
            after=request.GET.get("after", ""),
        )
    except BadScope as refusal:
        context = {"refusal": str(refusal)}
        return render(request, "reporting/leads.html", context, status=400)
    return render(request, "reporting/leads.html", context)
