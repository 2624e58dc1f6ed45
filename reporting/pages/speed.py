from __future__ import annotations

from typing import Final

from leads.models import Temperature
from reporting.pages.charts import ShareRow, share_row
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
    contacted, scope = METRICS["contacted"], result.scope
    by_temperature = sum_by(result.answers.tables[0], 0)
    rows = [share_row("All", paces(counts), PACE_LABELS, drilldown_link(scope, contacted))]
    for temperature in Temperature:
        if temperature.value in by_temperature:
            href = drilldown_link(scope, contacted, temperature=temperature.value)
            parts = paces(by_temperature[temperature.value])
            rows.append(share_row(temperature.label, parts, PACE_LABELS, href))
    return [row for row in rows if row.total]


def paces(counts: Counts) -> list[int]:
    return [counts[code] for code in PACE_COUNTERS]


def speed_table(result: ReportResult) -> FigureTable:
    metrics = metrics_of("handoffs", *SPEEDS)
    caption = f"SLA by {LABELS[result.group].lower()}"
    return figure_table(caption, result, result.answers.tables[1], metrics)
