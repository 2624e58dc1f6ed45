from __future__ import annotations

from collections.abc import Sequence

from core.formatting import count_text, percent_text
from reporting.pages.charts import HeatCell, heat_level
from reporting.pages.components import Context, group_choices, label_of, tile
from reporting.pages.labels import counts_label, drilldown_link, value_label
from reporting.queries.reports import ACCEPTANCE, ReportResult, grouped
from reporting.queries.rollup_queries import Counts, sum_by, total
from reporting.queries.scope import Key
from reporting.registry.counters import Basis
from reporting.registry.dimensions import LABELS
from reporting.registry.figures import figure
from reporting.registry.metrics import METRICS

REASONS = METRICS["rejection_reasons"]
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
        "columns": [*(label_of(answers, "reason", reason) for reason in reasons), "All reasons"],
        "rows": heat_rows(result, reasons),
        "corner": LABELS[result.group],
        "groups": group_choices(result),
    }


def heat_rows(result: ReportResult, reasons: Sequence[Key]) -> list[tuple[str, list[HeatCell]]]:
    table = result.answers.tables[0]
    rejections = {key: counts["rejections"] for key, counts in table.items()}
    highest = max((number for (_, reason), number in rejections.items() if reason), default=0)
    rows = []
    for key, counts in sorted(grouped(table), key=lambda item: -item[1]["rejections"]):
        if not counts["rejections"]:
            continue
        cells = [
            _reason_cell(result, key, reason, rejections.get((key, reason), 0), counts, highest)
            for reason in reasons
        ]
        label = label_of(result.answers, result.group, key)
        rows.append((label, [*cells, _total_cell(result, key, counts)]))
    return rows


def _reason_cell(
    result: ReportResult, key: Key, reason: Key, number: int, counts: Counts, highest: int
) -> HeatCell:
    if not number:
        return HeatCell("", 0)
    share = percent_text(number, counts["rejections"])
    href = drilldown_link(result.scope, REASONS, **{result.group: key, "reason": reason})
    title = f"{count_text(number)} of {count_text(counts['rejections'])} rejections: {share}"
    return HeatCell(count_text(number), heat_level(number, highest), title, href, note=share)


def _total_cell(result: ReportResult, key: Key, counts: Counts) -> HeatCell:
    rate = figure(METRICS["handoff_rejection"], counts)
    href = drilldown_link(result.scope, rate.metric, **{result.group: key})
    title = f"{counts_label(rate)} answered handoffs: {value_label(rate)}"
    return HeatCell(count_text(rate.numerator), None, title, href, note=value_label(rate))
