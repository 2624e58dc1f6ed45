from __future__ import annotations

from typing import Final

from leads.models import Temperature
from reporting.pages.charts import Part, ShareRow, share_row
from reporting.pages.components import (
    Context,
    FigureTable,
    figure_table,
    group_choices,
    metrics_of,
    tile,
)
from reporting.pages.labels import drilldown_link
from reporting.queries.reports import REQUEST_SPEEDS, SPEEDS, ReportResult
from reporting.queries.rollup_queries import Counts, sum_by, total
from reporting.queries.scope import Key, Scope
from reporting.registry.counters import PACE_COUNTERS, PACES, Basis
from reporting.registry.dimensions import LABELS
from reporting.registry.figures import figure
from reporting.registry.metrics import METRICS

PACE_LABELS: Final = (*(f"Within {name}" for name in PACES.values()), "Later")


def speed_page(result: ReportResult) -> Context:
    counts = total(result.answers.tables[0], basis=Basis.HANDOFFS)
    # No question about leads if the filters are of handoffs only.
    requests = [total(table, basis=Basis.LEADS) for table in result.answers.tables[2:]]
    return {
        "tiles": [
            *(tile(figure(METRICS[code], counts), result.scope) for code in SPEEDS),
            *(
                tile(figure(METRICS[code], of_leads), result.scope)
                for of_leads in requests
                for code in REQUEST_SPEEDS
            ),
        ],
        "pace_labels": PACE_LABELS,
        "paces": pace_rows(result, counts),
        "table": speed_table(result),
        "groups": group_choices(result),
    }


def pace_rows(result: ReportResult, counts: Counts) -> list[ShareRow]:
    """Return the first contacts by pace, for all handoffs and for each temperature."""
    by_temperature = sum_by(result.answers.tables[0], 0)
    rows = [pace_row("All", counts, result.scope)]
    for temperature in Temperature:
        if temperature.value in by_temperature:
            counted = by_temperature[temperature.value]
            where = {"temperature": temperature.value}
            rows.append(pace_row(temperature.label, counted, result.scope, **where))
    return [row for row in rows if row.total]


def pace_row(label: str, counts: Counts, scope: Scope, **where: Key) -> ShareRow:
    paces = [
        Part(name, counts[code], drilldown_link(scope, METRICS[code], **where))
        for name, code in zip(PACE_LABELS, PACE_COUNTERS, strict=True)
    ]
    return share_row(label, paces, drilldown_link(scope, METRICS["contacted"], **where))


def speed_table(result: ReportResult) -> FigureTable:
    metrics = metrics_of("handoffs", *SPEEDS)
    caption = f"SLA by {LABELS[result.group].lower()}"
    return figure_table(caption, result, result.answers.tables[1], metrics)
