from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reporting.charts import ShareRow, share_row
from reporting.figures import figure
from reporting.links import leads_behind
from reporting.metrics import METRICS, Basis
from reporting.milestones import SPEED_STEPS
from reporting.pages.parts import (
    ROWS_SHOWN,
    Context,
    Table,
    figures_row,
    group_choices,
    metrics_of,
    name_of,
    tile,
)
from reporting.reading import Counts, total
from reporting.reports import SPEEDS, Answered, grouped, speed_figures, speeds_of
from reporting.scope import Key
from reporting.words import HEADS

# Upper ends, in minutes, of the parts a bar shows; each is the end of one of the SPEED_STEPS.
PACES: Final = {15: "15 min", 60: "1 h", 240: "4 h", 1440: "1 day"}
PACE_NAMES: Final = (*(f"Within {name}" for name in PACES.values()), "Later")


def speed_page(answered: Answered) -> Context:
    answers, scope = answered.answers, answered.scope
    by_temperature, by_group = answers.tables[:2]
    counts, speeds = total(by_temperature, basis=Basis.HANDOFFS), speeds_of(by_temperature, 1)
    return {
        "tiles": [tile(figure(METRICS[code], counts, speeds), scope) for code in SPEEDS],
        "pace_names": PACE_NAMES,
        "paces": pace_rows(answered, by_temperature),
        "table": speed_table(answered, by_group, answered.group),
        "groups": group_choices(answered),
    }


def pace_rows(answered: Answered, table: Mapping[tuple[Key, ...], Counts]) -> list[ShareRow]:
    """First contacts by how soon they were, for all and for each temperature."""
    contacted = METRICS["contacted"]
    rows = [
        share_row(
            "All", paces(speeds_of(table, 1)), PACE_NAMES, leads_behind(answered.scope, contacted)
        )
    ]
    for key in ("hot", "warm", "cold"):
        speeds = speed_figures(table, key)[1]
        href = leads_behind(answered.scope, contacted, temperature=key)
        rows.append(share_row(key.capitalize(), paces(speeds), PACE_NAMES, href))
    return [row for row in rows if row.total]


def paces(speeds: Mapping[int, int]) -> list[int]:
    ends = [SPEED_STEPS.index(minutes) for minutes in PACES]
    parts = [0] * len(PACE_NAMES)
    for step, number in speeds.items():
        parts[sum(step > end for end in ends)] += number
    return parts


def speed_table(answered: Answered, table: Mapping[tuple[Key, ...], Counts], group: str) -> Table:
    metrics = metrics_of("handoffs", *SPEEDS)
    rows = []
    for key, _ in grouped(table)[:ROWS_SHOWN]:
        counts, speeds = speed_figures(table, key)
        name = name_of(answered.answers, group, key)
        rows.append(figures_row(name, counts, metrics, answered.scope, speeds, **{group: key}))
    return Table(
        f"Promises by {HEADS[group].lower()}",
        [HEADS[group], *(metric.head for metric in metrics)],
        rows,
    )
