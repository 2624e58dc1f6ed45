from __future__ import annotations

from reporting.pages.charts import Bar
from reporting.pages.components import (
    Context,
    FigureTable,
    figure_row,
    figure_table,
    group_choices,
    metrics_of,
    tile,
)
from reporting.pages.labels import drilldown_link
from reporting.pages.overview import stage_bars
from reporting.queries.reports import EXITS, STAGES, UNSUPPORTED, ReportResult
from reporting.queries.rollup_queries import Counts, total
from reporting.registry.counters import Basis
from reporting.registry.dimensions import LABELS
from reporting.registry.figures import figure
from reporting.registry.metrics import METRICS

TILES = ("lead_to_mql", "mql_to_sql", "sql_to_opportunity", "opportunity_to_won", *UNSUPPORTED)


def funnel_page(result: ReportResult) -> Context:
    scope = result.scope
    counts = total(result.answers.tables[0], basis=Basis.LEADS)
    return {
        "funnel": stage_bars(counts, scope),
        "exits": exit_bars(result, counts),
        "tiles": [tile(figure(METRICS[code], counts), scope) for code in TILES],
        "groups": group_choices(result),
        "table": stage_table(result, counts),
    }


def exit_bars(result: ReportResult, counts: Counts) -> list[Bar]:
    """Return the leads that left the funnel, as shares of all leads."""
    leads = counts["leads"]
    return [
        Bar(
            METRICS[code].name,
            counts[code],
            round(100 * counts[code] / leads, 2) if leads else 0,
            leads,
            drilldown_link(result.scope, METRICS[code]),
        )
        for code in EXITS
    ]


def stage_table(result: ReportResult, counts: Counts) -> FigureTable:
    metrics = metrics_of(*STAGES.values(), *EXITS)
    return figure_table(
        f"Leads by {LABELS[result.group].lower()} and stage",
        result,
        result.answers.tables[0],
        metrics,
        figure_row("All", counts, metrics, result.scope),
    )
