from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from core.formatting import count_text, percent_text
from reporting.pages.charts import HeatCell, HeatMap, HeatRow, heat_level
from reporting.pages.components import (
    Context,
    group_choices,
    label_of,
    page_of_key,
    tile,
    view_choices,
)
from reporting.pages.labels import counts_label, drilldown_link, value_label
from reporting.queries.reports import ACCEPTANCE, ReportResult, grouped
from reporting.queries.rollup_queries import Counts, sum_by, total
from reporting.queries.scope import Key
from reporting.registry.counters import Basis
from reporting.registry.dimensions import LABELS
from reporting.registry.figures import figure
from reporting.registry.metrics import METRICS

REASONS = METRICS["rejection_reasons"]
RATES = METRICS["rejections_by_reason"]
RATE = "rate"
VIEW_LABELS = {"count": "Count", RATE: "Rate"}
# Of fewer answers, a share says more about chance than about the row.
MIN_ANSWERED = 20
TILES = ("handoffs", "handoff_rejection", "cannot_evaluate")


def rejections_page(result: ReportResult) -> Context:
    answers, scope = result.answers, result.scope
    table = answers.tables[0]
    counts = total(table, basis=Basis.HANDOFFS)
    by_reason = sorted(sum_by(table, 1).items(), key=lambda item: -item[1]["rejections"])
    reasons = [reason for reason, _ in by_reason if reason]
    return {
        "is_empty": not table,
        "tiles": [
            *(tile(figure(METRICS[code], counts), scope) for code in TILES),
            *(
                tile(figure(METRICS[code], total(of_leads, basis=Basis.LEADS)), scope)
                for of_leads in answers.tables[1:]
                for code in ACCEPTANCE
            ),
        ],
        "heat_map": heat_map(result, reasons),
        "views": view_choices(result, VIEW_LABELS),
        "is_rate": result.view == RATE,
        "groups": group_choices(result),
    }


def heat_map(result: ReportResult, reasons: Sequence[Key]) -> HeatMap:
    """Return a row for each key with rejections, those with the most first.

    By count, a cell is as dark as its number. By rate, it is as dark as the share of the answered
    handoffs of its row, and a row with too few of them to compare has no color.
    """
    table = result.answers.tables[0]
    rejections = {key: counts["rejections"] for key, counts in table.items()}
    rows = [(key, counts) for key, counts in grouped(table) if counts["rejections"]]
    rows.sort(key=lambda item: -item[1]["rejections"])
    cells = {
        (key, reason): ReasonCount(rejections.get((key, reason), 0), counts)
        for key, counts in rows
        for reason in reasons
    }
    is_rate = result.view == RATE
    highest = max((cell.weight(is_rate=is_rate) for cell in cells.values()), default=0)
    return HeatMap(
        LABELS[result.group],
        [*(label_of(result.answers, "reason", reason) for reason in reasons), "All reasons"],
        [
            HeatRow(
                label_of(result.answers, result.group, key),
                [
                    *(
                        _reason_cell(result, key, reason, cells[key, reason], highest)
                        for reason in reasons
                    ),
                    _total_cell(result, key, counts),
                ],
                page_of_key(result.group, key, result.scope),
            )
            for key, counts in rows
        ],
        highest_text(highest, is_rate=is_rate),
        f"Fewer than {MIN_ANSWERED} answered handoffs"
        if is_rate and any(counts["responses"] < MIN_ANSWERED for _, counts in rows)
        else "",
    )


def highest_text(highest: float, *, is_rate: bool) -> str:
    if not highest:
        return ""
    return f"{100 * highest:.0f}%" if is_rate else count_text(int(highest))


class ReasonCount(NamedTuple):
    """The rejections of a row for one reason; `row` are all its counts."""

    number: int
    row: Counts

    @property
    def is_few(self) -> bool:
        return bool(self.row["responses"] < MIN_ANSWERED)

    def weight(self, *, is_rate: bool) -> float:
        if not is_rate:
            return self.number
        return 0 if self.is_few else self.number / self.row["responses"]


def _reason_cell(
    result: ReportResult, key: Key, reason: Key, cell: ReasonCount, highest: float
) -> HeatCell:
    is_rate = result.view == RATE
    level = heat_level(cell.weight(is_rate=is_rate), highest)
    is_few = is_rate and cell.is_few
    if not cell.number:
        return HeatCell("", level, is_recent=is_few)
    metric, of, noun = REASONS, "rejections", "rejections"
    if is_rate:
        metric, of, noun = RATES, "responses", "answered handoffs"
    whole = cell.row[of]
    href = drilldown_link(result.scope, metric, **{result.group: key, "reason": reason})
    number, share = count_text(cell.number), percent_text(cell.number, whole)
    title = f"{number} of {count_text(whole)} {noun}: {share}"
    text, note = (share, f"{number} of {count_text(whole)}") if is_rate else (number, share)
    return HeatCell(text, level, title, href, is_few, note)


def _total_cell(result: ReportResult, key: Key, counts: Counts) -> HeatCell:
    rate = figure(METRICS["handoff_rejection"], counts)
    href = drilldown_link(result.scope, rate.metric, **{result.group: key})
    title = f"{counts_label(rate)} answered handoffs: {value_label(rate)}"
    number, share = count_text(rate.numerator), value_label(rate)
    text, note = (share, counts_label(rate)) if result.view == RATE else (number, share)
    return HeatCell(text, None, title, href, note=note)
