"""Sort the rows of a report by one of its metrics, the worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.sorting import SortHead, sort_head
from reporting.pages.labels import report_link
from reporting.queries.reports import ReportResult
from reporting.queries.scope import BadScope, Key
from reporting.registry.dimensions import LABELS
from reporting.registry.figures import figure
from reporting.registry.metrics import Metric

Group = tuple[Key, Mapping[str, Any]]


def sorted_groups(groups: Sequence[Group], metrics: Sequence[Metric], sort: str) -> list[Group]:
    """Return the rows in this order, those without a value last; as they are without an order."""
    if not sort:
        return list(groups)
    metric = next((metric for metric in metrics if metric.code == sort.removeprefix("-")), None)
    if metric is None:
        raise BadScope(f"This report is not sorted by “{sort}”.")
    sign = -1 if sort.startswith("-") else 1

    def place(group: Group) -> tuple[bool, float]:
        value = figure(metric, group[1]).value
        return value is None, sign * (value or 0)

    return sorted(groups, key=place)


def sort_heads(result: ReportResult, metrics: Sequence[Metric]) -> list[SortHead]:
    """Return the head of the rows, then one of each metric, which sorts by it."""
    report, scope, group, sort = result.report, result.scope, result.group, result.sort
    heads = [SortHead(LABELS[group], report_link(report.name, scope, by=group), "")]

    def href(order: str) -> str:
        return report_link(report.name, scope, by=group, sort=order)

    heads += [
        sort_head(
            metric.short_name,
            metric.code,
            sort,
            href,
            descending_first=not metric.higher_is_better,
        )
        for metric in metrics
    ]
    return heads
