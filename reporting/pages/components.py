"""Tiles, tables and choices that the report pages share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reporting.links import leads_behind, report_page
from reporting.pages.labels import HEADS, Delta, label, note_of, value_of
from reporting.queries.reports import Answered, grouped
from reporting.queries.rollup_queries import Answers, Counts
from reporting.queries.scope import Key, Scope
from reporting.registry.figures import Figure, figure
from reporting.registry.metrics import METRICS, Metric

Context = dict[str, Any]
ROWS_SHOWN: Final = 100


@dataclass(frozen=True)
class Tile:
    label: str
    value: str
    note: str
    href: str
    delta: Delta | None = None
    trend: Sequence[float | None] = field(default_factory=list)
    trend_tone: str = ""


@dataclass(frozen=True)
class Cell:
    """`soft` stands beside the text in fainter ink: the counts of a rate."""

    text: str
    href: str = ""
    soft: str = ""


@dataclass(frozen=True)
class TableRow:
    label: str
    cells: list[Cell]


@dataclass(frozen=True)
class Table:
    caption: str
    head: list[str]
    rows: list[TableRow]
    foot: TableRow | None = None
    of: int = 0

    @property
    def is_cut(self) -> bool:
        return len(self.rows) < self.of


def tile(now: Figure, scope: Scope, **more: Any) -> Tile:
    href = leads_behind(scope, now.metric)
    days = scope.period.days
    note = note_of(now) or f"{days} day{'' if days == 1 else 's'}"
    return Tile(now.metric.name, value_of(now), note, href, **more)


def figure_cell(one: Figure, scope: Scope) -> Cell:
    return Cell(value_of(one), leads_behind(scope, one.metric), note_of(one))


def figures_row(
    name: str,
    counts: Mapping[str, int],
    metrics: Iterable[Metric],
    scope: Scope,
    /,
    **narrow: Key,
) -> TableRow:
    of_row = scope.narrowed(**narrow)
    return TableRow(name, [figure_cell(figure(metric, counts), of_row) for metric in metrics])


def table_of(
    caption: str,
    answered: Answered,
    counted: Mapping[tuple[Key, ...], Counts],
    metrics: Sequence[Metric],
    foot: TableRow | None = None,
) -> Table:
    """Everything that the report is grouped by, the largest first."""
    answers, scope, group = answered.answers, answered.scope, answered.group
    everything = grouped(counted)
    rows = [
        figures_row(name_of(answers, group, key), counts, metrics, scope, **{group: key})
        for key, counts in everything[:ROWS_SHOWN]
    ]
    head = [HEADS[group], *(metric.head for metric in metrics)]
    return Table(caption, head, rows, foot, len(everything))


def name_of(answers: Answers, dimension: str, key: Key) -> str:
    kind = "user" if dimension == "owner" else dimension
    return label(dimension, key, answers.names.get(kind, {}))


def group_choices(answered: Answered) -> list[tuple[str, str, bool]]:
    """Links to the same page with other rows."""
    report = answered.report
    return [
        (
            HEADS[group],
            report_page(report.name, answered.scope, by=group),
            group == answered.group,
        )
        for group in report.groups
        if group in HEADS
    ]


def metrics_of(*codes: str) -> list[Metric]:
    return [METRICS[code] for code in codes]
