from __future__ import annotations

from collections.abc import Sequence

from core.templatetags.formatting import count, percent
from reporting.links import leads_behind
from reporting.pages.charts import HeatCell, heat_level
from reporting.pages.components import Context, group_choices, name_of, tile
from reporting.pages.labels import HEADS
from reporting.queries.reports import Answered, grouped
from reporting.queries.rollup_queries import by, total
from reporting.queries.scope import Key
from reporting.registry.figures import figure
from reporting.registry.metrics import METRICS, Basis

REASONS = METRICS["rejection_reasons"]


def rejections_page(answered: Answered) -> Context:
    answers, scope = answered.answers, answered.scope
    table = answers.tables[0]
    counts = total(table, basis=Basis.HANDOFFS)
    reasons = [
        reason
        for reason, row in sorted(by(table, 1).items(), key=lambda item: -item[1]["rejections"])
        if reason
    ]
    tiles = [METRICS["handoffs"], METRICS["rejections"], METRICS["cannot_evaluate"]]
    return {
        "is_empty": not table,
        "tiles": [tile(figure(metric, counts), scope) for metric in tiles],
        "columns": [*(name_of(answers, "reason", reason) for reason in reasons), "All reasons"],
        "rows": heat_rows(answered, reasons),
        "corner": HEADS[answered.group],
        "groups": group_choices(answered),
    }


def heat_rows(answered: Answered, reasons: Sequence[Key]) -> list[tuple[str, list[HeatCell]]]:
    answers, group = answered.answers, answered.group
    table = answers.tables[0]
    rejections = {key: row["rejections"] for key, row in table.items()}
    highest = max((number for (_, reason), number in rejections.items() if reason), default=0)
    rows = []
    for key, row in sorted(grouped(table), key=lambda item: -item[1]["rejections"]):
        if not row["rejections"]:
            continue
        cells = [
            _cell(answered, key, reason, rejections.get((key, reason), 0), row, highest)
            for reason in reasons
        ]
        rows.append((name_of(answers, group, key), [*cells, _all_cell(answered, key, row)]))
    return rows


def _cell(
    answered: Answered, key: Key, reason: Key, number: int, row: dict[str, int], highest: int
) -> HeatCell:
    if not number:
        return HeatCell("", 0)
    share = percent(number, row["rejections"])
    href = leads_behind(answered.scope, REASONS, **{answered.group: key, "reason": reason})
    title = f"{count(number)} of {count(row['rejections'])} rejections: {share}"
    return HeatCell(count(number), heat_level(number, highest), title, href)


def _all_cell(answered: Answered, key: Key, row: dict[str, int]) -> HeatCell:
    href = leads_behind(answered.scope, METRICS["rejections"], **{answered.group: key})
    title = f"{count(row['rejections'])} of {count(row['handoffs'])} handoffs"
    return HeatCell(count(row["rejections"]), None, title, href)
