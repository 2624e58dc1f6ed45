"""Tiles, tables and choices that the report pages share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from core.sorting import SortHead
from leads.models import Campaign
from people.models import User
from reporting.pages.charts import Sparkline
from reporting.pages.labels import (
    Delta,
    counts_label,
    drilldown_address,
    drilldown_link,
    key_label,
    report_link,
    value_label,
)
from reporting.pages.sorting import sort_heads, sorted_groups
from reporting.queries.reports import ReportResult, grouped
from reporting.queries.rollup_queries import Answers, Table
from reporting.queries.scope import Key, Scope
from reporting.registry.dimensions import LABELS
from reporting.registry.figures import Figure, figure
from reporting.registry.metrics import METRICS, Metric

Context = dict[str, Any]
MAX_ROWS: Final = 100
# Their pages belong to a higher app, so the settings say where they are.
PAGES_OF: Final[Mapping[str, Any]] = {"campaign": Campaign, "owner": User, "user": User}


@dataclass(frozen=True)
class Tile:
    label: str
    value: str
    note: str
    href: str
    delta: Delta | None = None
    trend: Sparkline | None = None


class FigureCell(NamedTuple):
    """`note` is shown beside the text: the two counts of a rate."""

    text: str
    href: str
    note: str


@dataclass(frozen=True)
class FigureRow:
    """`href` is where the name of the row leads, if it has a page."""

    label: str
    cells: list[FigureCell]
    href: str = ""


@dataclass(frozen=True)
class FigureTable:
    """`row_count` counts all rows, also those that are not shown."""

    caption: str
    heads: list[SortHead]
    rows: list[FigureRow]
    foot: FigureRow | None = None
    row_count: int = 0

    @property
    def is_cut(self) -> bool:
        return len(self.rows) < self.row_count


def tile(now: Figure, scope: Scope, **more: Any) -> Tile:
    href = drilldown_link(scope, now.metric)
    days = scope.period.days
    note = counts_label(now) or f"{days} day{'' if days == 1 else 's'}"
    return Tile(now.metric.name, value_label(now), note, href, **more)


def figure_row(
    name: str,
    counts: Mapping[str, int],
    metrics: Iterable[Metric],
    scope: Scope,
    /,
    href: str = "",
    **where: Key,
) -> FigureRow:
    query = scope.narrowed(**where).query()
    cells = [
        FigureCell(value_label(cell), drilldown_address(cell.metric, query), counts_label(cell))
        for cell in (figure(metric, counts) for metric in metrics)
    ]
    return FigureRow(name, cells, href)


def figure_table(
    caption: str,
    result: ReportResult,
    table: Table,
    metrics: Sequence[Metric],
    foot: FigureRow | None = None,
) -> FigureTable:
    """Return a row for each key of the report's group, the largest first unless it is sorted."""
    answers, scope, group = result.answers, result.scope, result.group
    groups = sorted_groups(grouped(table), metrics, result.sort)
    rows = [
        figure_row(
            label_of(answers, group, key),
            counts,
            metrics,
            scope,
            page_of_key(group, key, scope),
            **{group: key},
        )
        for key, counts in groups[:MAX_ROWS]
    ]
    return FigureTable(caption, sort_heads(result, metrics), rows, foot, len(groups))


def page_of_key(dimension: str, key: Key, scope: Scope) -> str:
    """Return the page of a campaign (in this period), a person, or what a source consists of."""
    if key in (None, ""):
        return ""
    if dimension in PAGES_OF:
        page = str(PAGES_OF[dimension](pk=key).get_absolute_url())
        return f"{page}?{Scope(scope.period).query()}" if dimension == "campaign" else page
    if dimension == "source":
        return report_link("sources", scope.narrowed(source=key), by="campaign")
    return ""


def label_of(answers: Answers, dimension: str, key: Key) -> str:
    return key_label(dimension, key, answers.names_of(dimension))


def group_choices(result: ReportResult) -> list[tuple[str, str, bool]]:
    """Return links to the same report with other rows."""
    report = result.report
    more = {name: value for name, value in result.choices.items() if name != "by"}
    return [
        (
            LABELS[group],
            report_link(report.name, result.scope, by=group, **more),
            group == result.group,
        )
        for group in report.groups
        if group in LABELS
    ]


def view_choices(result: ReportResult, labels: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """Return links to the same figures shown in another way."""
    report, chosen = result.report, result.choices
    return [
        (
            labels[view],
            report_link(report.name, result.scope, **(chosen | {"view": view})),
            view == result.view,
        )
        for view in report.views
    ]


def metrics_of(*codes: str) -> list[Metric]:
    return [METRICS[code] for code in codes]
