from __future__ import annotations

from typing import Final

from reporting.facts.milestones import SPEED_STEPS
from reporting.links import leads_behind
from reporting.pages.charts import ShareRow, share_row
from reporting.pages.components import Context, Table, group_choices, metrics_of, table_of, tile
from reporting.pages.labels import HEADS
from reporting.queries.reports import SPEEDS, Answered
from reporting.queries.rollup_queries import Counts, by, total
from reporting.registry.figures import figure
from reporting.registry.metrics import METRICS, SPEED_COUNTERS, Basis

# Upper ends, in minutes, of the parts a bar shows; each is the end of one of the SPEED_STEPS.
PACES: Final = {15: "15 min", 60: "1 h", 240: "4 h", 1440: "1 day"}
PACE_NAMES: Final = (*(f"Within {name}" for name in PACES.values()), "Later")


def speed_page(answered: Answered) -> Context:
    counts = total(answered.answers.tables[0], basis=Basis.HANDOFFS)
    return {
        "tiles": [tile(figure(METRICS[code], counts), answered.scope) for code in SPEEDS],
        "pace_names": PACE_NAMES,
        "paces": pace_rows(answered, counts),
        "table": speed_table(answered),
        "groups": group_choices(answered),
    }


def pace_rows(answered: Answered, everything: Counts) -> list[ShareRow]:
    """First contacts by how soon they were, for all and for each temperature."""
    contacted, scope = METRICS["contacted"], answered.scope
    temperatures = by(answered.answers.tables[0], 0)
    rows = [share_row("All", paces(everything), PACE_NAMES, leads_behind(scope, contacted))]
    for key in ("hot", "warm", "cold"):
        if key in temperatures:
            href = leads_behind(scope, contacted, temperature=key)
            parts = paces(temperatures[key])
            rows.append(share_row(key.capitalize(), parts, PACE_NAMES, href))
    return [row for row in rows if row.total]


def paces(counts: Counts) -> list[int]:
    ends = [SPEED_STEPS.index(minutes) for minutes in PACES]
    parts = [0] * len(PACE_NAMES)
    for step, code in enumerate(SPEED_COUNTERS):
        parts[sum(step > end for end in ends)] += counts[code]
    return parts


def speed_table(answered: Answered) -> Table:
    metrics = metrics_of("handoffs", *SPEEDS)
    caption = f"Promises by {HEADS[answered.group].lower()}"
    return table_of(caption, answered, answered.answers.tables[1], metrics)
