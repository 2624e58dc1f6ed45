from __future__ import annotations

from reporting.metrics import Basis
from reporting.pages.parts import (
    ROWS_SHOWN,
    Context,
    Table,
    figures_row,
    group_choices,
    metrics_of,
    name_of,
)
from reporting.reading import total
from reporting.reports import SOURCE_RATES, Answered, grouped
from reporting.words import HEADS

COUNTED = ("leads", "mql", "sal", "sql", "opportunity", "won")


def sources_page(answered: Answered) -> Context:
    """Volume never stands alone: quality is in the same row (MET-22)."""
    answers, scope, group = answered.answers, answered.scope, answered.group
    metrics = metrics_of(*COUNTED, *SOURCE_RATES)
    rows = [
        figures_row(name_of(answers, group, key), counts, metrics, scope, **{group: key})
        for key, counts in grouped(answers.tables[0])[:ROWS_SHOWN]
    ]
    everything = total(answers.tables[0], basis=Basis.LEADS)
    table = Table(
        f"What each {HEADS[group].lower()} brought",
        [HEADS[group], *(metric.head for metric in metrics)],
        rows,
        figures_row("All", everything, metrics, scope),
    )
    return {"table": table, "groups": group_choices(answered)}
