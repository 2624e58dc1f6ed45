from __future__ import annotations

from reporting.pages.components import (
    Context,
    figure_row,
    figure_table,
    group_choices,
    metrics_of,
)
from reporting.queries.reports import SOURCE_RATES, ReportResult
from reporting.queries.rollup_queries import total
from reporting.registry.counters import Basis
from reporting.registry.dimensions import LABELS

COUNTS = ("leads", "mql", "sal", "sql", "opportunity", "won")


def sources_page(result: ReportResult) -> Context:
    answers, scope, group = result.answers, result.scope, result.group
    # Volume is never shown without quality: both are in the same row.
    metrics = metrics_of(*COUNTS, *SOURCE_RATES)
    counts = total(answers.tables[0], basis=Basis.LEADS)
    table = figure_table(
        f"Leads and conversion rates by {LABELS[group].lower()}",
        result,
        answers.tables[0],
        metrics,
        figure_row("All", counts, metrics, scope),
    )
    return {"table": table, "groups": group_choices(result)}
