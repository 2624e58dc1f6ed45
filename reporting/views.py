"""The five reports and the list behind each of their figures.

Every role reads the same numbers, so a figure and the rows behind it are open to all who read
reports; the name of a person, and the way to the lead, only to those who may see that lead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.permissions import Right
from people.requests import signed_in
from reporting.drawing import Typed, draw
from reporting.pages.context import FILTERS
from reporting.pages.drilldown import behind_page
from reporting.queries.drilldown import Behind, read_behind
from reporting.queries.export import list_csv, report_csv
from reporting.queries.reports import REPORTS, Answered, Report, ask
from reporting.queries.rollup_queries import Answers, Question, read, total
from reporting.queries.scope import (
    DEFAULT_DAYS,
    BadScope,
    Scope,
    read_period,
    read_scope,
    read_where,
    recent,
)
from reporting.today import today

# On the page the funnel is drawn by stage, so its table has other rows.
PAGE_GROUPS: Final = {"funnel": "source"}
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
    asked = request.GET.dict()
    refusal, group, is_file = "", asked.get("by", ""), asked.get("format") == "csv"
    if name in PAGE_GROUPS and group == REPORTS[name].groups[0] and not is_file:
        group = PAGE_GROUPS[name]
    typed = None
    try:
        answered = _answered(REPORTS[name], read_scope(asked, today=today()), group)
    except BadScope as bad:
        refusal = str(bad)
        answered, typed = _understood(REPORTS[name], asked, group)
    if is_file and not refusal:
        return report_csv(answered, asked_at=timezone.now())
    context = {
        "title": answered.report.title,
        "drawn": draw(answered, today=today(), refusal=refusal, typed=typed),
    }
    return render(request, "reporting/report.html", context, status=400 if refusal else 200)


def _answered(report: Report, scope: Scope, group: str) -> Answered:
    if group and group not in report.groups:
        raise BadScope(f"The {report.title.lower()} report has no rows by “{group}”.")
    return ask(report, scope, group or PAGE_GROUPS.get(report.name, ""))


def _understood(
    report: Report, asked: Mapping[str, str], group: str
) -> tuple[Answered, Typed | None]:
    """What is left of an address that was refused, and its dates where those were the reason."""
    dates, typed = (asked.get("from", ""), asked.get("to", "")), None
    try:
        period = read_period(*dates, today=today())
    except BadScope:
        period, typed = recent(DEFAULT_DAYS, today()), dates
    kept = Scope(period, read_where(asked, FILTERS))
    return _answered(report, kept, group if group in report.groups else ""), typed


@reader_required
def leads(request: HttpRequest) -> HttpResponseBase:
    """The rows that a figure counts, those of the latest day first."""
    try:
        behind = read_behind(request.GET.dict(), today=today())
        answers = read(_tally(behind), with_people=True)
        if request.GET.get("format") == "csv":
            return list_csv(behind, answers, asked_at=timezone.now())
        context = behind_page(
            behind,
            answers,
            number=_number(behind, answers),
            reader=signed_in(request),
            after=request.GET.get("after", ""),
        )
    except BadScope as bad:
        return render(request, "reporting/leads.html", {"refusal": str(bad)}, status=400)
    return render(request, "reporting/leads.html", context)


def _tally(behind: Behind) -> list[Question]:
    """What the figure itself reads, where a rollup counts along these dimensions."""
    is_counted = behind.rollup.grain_for(behind.where) is not None
    scope = Scope(behind.scope.period, behind.where)
    return [Question(behind.metric.basis, scope)] if is_counted else []


def _number(behind: Behind, answers: Answers) -> int:
    if not answers.tables:
        return behind.rows().count()
    return total(answers.tables[0], basis=behind.metric.basis)[behind.counter.code]
