from __future__ import annotations

from reporting.pages.components import Context, figures_row, group_choices, metrics_of, table_of
from reporting.pages.labels import HEADS
from reporting.queries.reports import SOURCE_RATES, Answered
from reporting.queries.rollup_queries import total
from reporting.registry.metrics import Basis

COUNTED = ("leads", "mql", "sal", "sql", "opportunity", "won")


def sources_page(answered: Answered) -> Context:
    """Volume never stands alone: quality is in the same row (MET-22)."""
    answers, scope, group = answered.answers, answered.scope, answered.group
    metrics = metrics_of(*COUNTED, *SOURCE_RATES)
    everything = total(answers.tables[0], basis=Basis.LEADS)
    table = table_of(
        f"What each {HEADS[group].lower()} brought",
        answered,
        answers.tables[0],
        metrics,
        figures_row("All", everything, metrics, scope),
    )
    return {"table": table, "groups": group_choices(answered)}
