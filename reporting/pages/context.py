"""The head and foot of a report page: period, filters, freshness and definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from reporting.links import report_page
from reporting.pages.labels import ALL, HEADS, WITHOUT, basis_of, day_of, days_of
from reporting.queries.reports import Answered
from reporting.queries.rollup_queries import Answers, Restated
from reporting.queries.scope import NONE, Key, Period, Scope, recent
from reporting.registry.metrics import COUNTERS, Metric

FILTERS: Final = ("source", "campaign", "lead_type", "team")
LENGTHS: Final = {"30 days": 30, "90 days": 90, "12 months": 365}


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Filter:
    name: str
    label: str
    choices: list[Choice]


@dataclass(frozen=True)
class Instead:
    """What to do where nothing is counted."""

    text: str
    action: str = ""
    href: str = ""


def frame_of(answered: Answered, *, today: date) -> dict[str, Any]:
    report, scope = answered.report, answered.scope
    by = {} if answered.group == report.groups[0] else {"by": answered.group}
    return {
        "periods": periods(report.name, scope, by, today=today),
        "days": days_of(scope.period),
        "since": scope.period.first.isoformat(),
        "until": scope.period.last.isoformat(),
        "kept_by_period": [*by.items(), *_where(scope).items()],
        "kept_by_filters": [
            *by.items(),
            ("from", scope.period.first.isoformat()),
            ("to", scope.period.last.isoformat()),
        ],
        "filters": [filter_of(name, answered.answers, scope) for name in FILTERS],
        "is_filtered": bool(scope.where),
        "clear_href": report_page(report.name, Scope(scope.period), **by),
        "instead": instead_of(report.name, scope, by, today=today),
        "csv_href": report_page(report.name, scope, format="csv", **by),
        "fresh_as_of": answered.fresh_as_of,
        "basis": basis_of(report.bases),
        "versions": versions_of(report.metrics),
        "restatements": restatements(answered),
    }


def restatements(answered: Answered) -> list[str]:
    """What the nightly recount corrected in these days, in words."""
    return [
        f"{day_of(one.found_at)}: {one.basis} of {day_of(one.day)}, {_changes(one)}"
        for one in answered.answers.restated
    ]


def _changes(one: Restated) -> str:
    codes = [*one.was, *(code for code in one.now if code not in one.was)]
    changes = [
        f"{COUNTERS[code].label.lower()} {one.was.get(code, 0)} is now {one.now.get(code, 0)}"
        for code in codes
    ]
    return "; ".join(changes) or "same totals, counted elsewhere"


def periods(
    name: str, scope: Scope, by: Mapping[str, str], *, today: date
) -> list[tuple[str, str, bool]]:
    presets = {label: recent(days, today) for label, days in LENGTHS.items()}
    presets["This month"] = Period(today.replace(day=1), today)
    return [
        (label, report_page(name, replace(scope, period=period), **by), period == scope.period)
        for label, period in presets.items()
    ]


def instead_of(name: str, scope: Scope, by: Mapping[str, str], *, today: date) -> Instead:
    """Without the filters there may be something, else in a longer period, or in a later one."""
    if scope.where:
        href = report_page(name, Scope(scope.period), **by)
        return Instead("Choose other dates, or clear the filters.", "Clear the filters", href)
    longer = [label for label, days in LENGTHS.items() if days > scope.period.days]
    if not longer and scope.period.last < today:
        longer = list(LENGTHS)[-1:]
    if not longer:
        return Instead("Figures show here soon after leads come in, by the API or from a file.")
    last = f"the last {longer[0]}"
    href = report_page(name, Scope(recent(LENGTHS[longer[0]], today)), **by)
    return Instead(f"Choose other dates, or {last}.", f"Show {last}", href)


def filter_of(name: str, answers: Answers, scope: Scope) -> Filter:
    chosen = _where(scope).get(name, "")
    named = sorted(answers.names.get(name, {}).items(), key=lambda item: item[1].casefold())
    choices = [Choice("", ALL[name], chosen == "")]
    choices += [Choice(str(key), label, chosen == str(key)) for key, label in named]
    choices.append(Choice(NONE, WITHOUT[name], chosen == NONE))
    return Filter(name, HEADS[name], choices)


def versions_of(metrics: tuple[Metric, ...]) -> list[tuple[str, int]]:
    return [(metric.name, metric.version) for metric in metrics]


def _where(scope: Scope) -> dict[str, str]:
    def written(key: Key) -> str:
        return NONE if key in (None, "") else str(key)

    return {name: written(key) for name, key in scope.where.items()}
