from __future__ import annotations

from reporting.links import leads_behind
from reporting.pages.charts import Bar
from reporting.pages.components import (
    Context,
    Table,
    figures_row,
    group_choices,
    metrics_of,
    table_of,
    tile,
)
from reporting.pages.labels import HEADS
from reporting.pages.overview import stage_bars
from reporting.queries.reports import EXITS, STAGES, Answered
from reporting.queries.rollup_queries import Counts, total
from reporting.registry.figures import figure
from reporting.registry.metrics import METRICS, Basis

TILES = ("lead_to_mql", "mql_to_sql", "sql_to_opportunity", "opportunity_to_won")


def funnel_page(answered: Answered) -> Context:
    answers, scope = answered.answers, answered.scope
    counts = total(answers.tables[0], basis=Basis.LEADS)
    return {
        "funnel": stage_bars(answers, scope),
        "exits": exit_bars(answered, counts),
        "tiles": [tile(figure(METRICS[code], counts), scope) for code in TILES],
        "groups": group_choices(answered),
        "table": stage_table(answered),
    }


def exit_bars(answered: Answered, counts: Counts) -> list[Bar]:
    """Those that left, each as a share of all leads."""
    everything = counts["leads"]
    return [
        Bar(
            METRICS[code].name,
            counts[code],
            round(100 * counts[code] / everything, 2) if everything else 0,
            everything,
            leads_behind(answered.scope, METRICS[code]),
        )
        for code in EXITS
    ]


def stage_table(answered: Answered) -> Table:
    """Everything that is grouped, by how far it came."""
    answers, scope, group = answered.answers, answered.scope, answered.group
    metrics = metrics_of(*STAGES.values(), *EXITS)
    everything = total(answers.tables[0], basis=Basis.LEADS)
    return table_of(
        f"Leads by {HEADS[group].lower()} and stage",
        answered,
        answers.tables[1],
        metrics,
        figures_row("All", everything, metrics, scope),
    )
