"""The context that all report pages share: period, filters, freshness and definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, NamedTuple

from core.formatting import count_text, date_text
from reporting.pages.labels import basis_label, period_label, report_link
from reporting.queries.reports import Report, ReportRequest, ReportResult
from reporting.queries.rollup_queries import Answers, Restated
from reporting.queries.scope import NONE, Key, Period, Scope, recent
from reporting.registry.counters import AGED_CODES, COUNTERS
from reporting.registry.dimensions import ALL_LABELS, LABELS, NONE_LABELS
from reporting.registry.metrics import Metric

SAME_TOTALS: Final = "same totals, counted in other rows"
FILTERS: Final = ("source", "campaign", "lead_type", "team")
PRESETS: Final = {"30 days": 30, "90 days": 90, "12 months": 365}


class FilterChoice(NamedTuple):
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class FilterField:
    name: str
    label: str
    choices: list[FilterChoice]


@dataclass(frozen=True)
class EmptyState:
    """The next step to suggest on a page without figures."""

    text: str
    action: str = ""
    href: str = ""


def frame_context(request: ReportRequest, *, today: date) -> dict[str, Any]:
    """Return what does not depend on the figures."""
    report, scope, by = request.report, request.scope, request.choices
    first, last = scope.period.first.isoformat(), scope.period.last.isoformat()
    return {
        "report": report,
        "periods": period_choices(report.name, scope, by, today=today),
        "days": period_label(scope.period),
        "since": first,
        "until": last,
        "kept_by_period": [*by.items(), *_filter_values(scope).items()],
        "kept_by_filters": [*by.items(), ("from", first), ("to", last)],
        "is_filtered": bool(scope.where),
        "clear_href": report_link(report.name, Scope(scope.period), **by),
        "empty_state": empty_state(report.name, scope, by, today=today),
        "csv_href": report_link(report.name, scope, format="csv", **by),
        "basis": basis_label(report.bases),
        "metrics": report.metrics,
        "versions": metric_versions(report.metrics),
        "refusal": "",
        "are_dates_refused": False,
    }


def page_context(result: ReportResult) -> dict[str, Any]:
    """Return filters and freshness, with the names and days of the answers."""
    return {
        "filters": [filter_of(name, result.answers, result.scope) for name in FILTERS],
        "fresh_as_of": result.fresh_as_of,
        "restatements": [
            restatement_label(restated)
            for restated in result.answers.restated
            if is_shown(restated, result.report)
        ],
    }


def is_shown(restated: Restated, report: Report) -> bool:
    """Return whether the report has one of the figures, or the rows under the same totals."""
    codes = {*restated.was, *restated.now}
    return not codes or not codes.isdisjoint(report.counters)


def restatement_label(restated: Restated) -> str:
    codes = [code for code in {**restated.was, **restated.now} if code not in AGED_CODES]
    changes = [
        f"{COUNTERS[code].label if code in COUNTERS else code} from "
        f"{count_text(restated.was.get(code, 0))} to {count_text(restated.now.get(code, 0))}"
        for code in codes
    ]
    same = "figures of the first days of leads" if restated.was or restated.now else SAME_TOTALS
    change = ", ".join(changes) or same
    days = period_label(restated.days)
    return (
        f"{date_text(restated.found_at)}: {restated.basis} of {days}, {change}, "
        f"because {restated.cause}"
    )


def period_choices(
    name: str, scope: Scope, by: Mapping[str, str], *, today: date
) -> list[tuple[str, str, bool]]:
    presets = {label: recent(days, today) for label, days in PRESETS.items()}
    presets["This month"] = Period(today.replace(day=1), today)
    return [
        (label, report_link(name, replace(scope, period=period), **by), period == scope.period)
        for label, period in presets.items()
    ]


def empty_state(name: str, scope: Scope, by: Mapping[str, str], *, today: date) -> EmptyState:
    """Suggest to clear the filters, else a longer period, else a later one."""
    if scope.where:
        href = report_link(name, Scope(scope.period), **by)
        return EmptyState("Choose other dates or clear the filters.", "Clear the filters", href)
    longer = [label for label, days in PRESETS.items() if days > scope.period.days]
    if not longer and scope.period.last < today:
        longer = list(PRESETS)[-1:]
    if not longer:
        return EmptyState("Figures appear here when leads arrive through the API or an import.")
    preset = f"the last {longer[0]}"
    href = report_link(name, Scope(recent(PRESETS[longer[0]], today)), **by)
    return EmptyState(f"Choose other dates, or {preset}.", f"Show {preset}", href)


def filter_of(name: str, answers: Answers, scope: Scope) -> FilterField:
    chosen = _filter_values(scope).get(name, "")
    options = sorted(answers.names_of(name).items(), key=lambda item: item[1].casefold())
    choices = [FilterChoice("", ALL_LABELS[name], chosen == "")]
    choices += [FilterChoice(str(key), label, chosen == str(key)) for key, label in options]
    choices.append(FilterChoice(NONE, NONE_LABELS[name], chosen == NONE))
    return FilterField(name, LABELS[name], choices)


def metric_versions(metrics: tuple[Metric, ...]) -> list[tuple[str, int]]:
    return [(metric.name, metric.version) for metric in metrics]


def _filter_values(scope: Scope) -> dict[str, str]:
    def as_text(key: Key) -> str:
        return NONE if key in (None, "") else str(key)

    return {name: as_text(key) for name, key in scope.where.items()}
