from __future__ import annotations

from reporting.links import leads_behind
from reporting.pages.charts import Bar, LineChart, Series, funnel, line_chart
from reporting.pages.components import Context, Tile, name_of, tile
from reporting.pages.labels import day_of, delta
from reporting.queries.reports import PINNED, STAGES, Answered, grouped, pinned
from reporting.queries.rollup_queries import Answers, total
from reporting.queries.scope import Scope
from reporting.registry.figures import Figure, figure
from reporting.registry.metrics import METRICS, Basis, Metric, Unit

CHARTED = ("source_to_sql", "mql_to_sql", "sales_acceptance")


def overview_page(answered: Answered) -> Context:
    answers, scope = answered.answers, answered.scope
    steps = [figures_of_step(answers, step) for step, _ in enumerate(scope.period.steps())]
    return {
        "tiles": tiles(answers, scope, steps),
        "is_empty": not answers.tables[0] and not answers.tables[2],
        "funnel": stage_bars(answers, scope),
        "reasons": reason_bars(answers, scope),
        "chart": rates_chart(scope, steps),
    }


def tiles(answers: Answers, scope: Scope, steps: list[dict[str, Figure]]) -> list[Tile]:
    pairs = zip(pinned(answers), pinned(answers, before=True), strict=True)
    return [
        tile(
            now,
            scope,
            delta=delta(now, then),
            trend=trend(now.metric, scope, steps),
        )
        for now, then in pairs
    ]


def trend(metric: Metric, scope: Scope, steps: list[dict[str, Figure]]) -> list[float | None]:
    """A short step has fewer days to count in, and would look like a change."""
    is_skewed = metric.unit is Unit.COUNT and scope.period.missing
    return [step[metric.code].value for step in steps[1 if is_skewed else 0 :]]


def figures_of_step(answers: Answers, step: int) -> dict[str, Figure]:
    """The pinned figures of one step of the period."""
    leads = {key: row for key, row in answers.tables[0].items() if key[0] == step}
    handoffs = {key: row for key, row in answers.tables[2].items() if key[0] == step}
    counts = total(leads, basis=Basis.LEADS) | total(handoffs, basis=Basis.HANDOFFS)
    return {code: figure(METRICS[code], counts) for code in PINNED}


def stage_bars(answers: Answers, scope: Scope) -> list[Bar]:
    counts = total(answers.tables[0], basis=Basis.LEADS)
    return funnel(
        [
            (METRICS[code].name, counts[code], leads_behind(scope, METRICS[code]))
            for code in STAGES.values()
        ]
    )


def reason_bars(answers: Answers, scope: Scope) -> list[Bar]:
    metric = METRICS["rejection_reasons"]
    return [
        Bar(bar.label, bar.count, bar.width, total_rejections(answers), bar.href)
        for bar in funnel(
            [
                (
                    name_of(answers, "reason", reason),
                    counts["rejections"],
                    leads_behind(scope, metric, reason=reason),
                )
                for reason, counts in sorted(
                    grouped(answers.tables[4]), key=lambda row: -row[1]["rejections"]
                )
                if reason
            ]
        )
    ]


def total_rejections(answers: Answers) -> int:
    return total(answers.tables[4], basis=Basis.HANDOFFS)["rejections"]


def rates_chart(scope: Scope, steps: list[dict[str, Figure]]) -> LineChart:
    has_years = not scope.period.is_within_a_year
    labels = [day_of(day, with_year=has_years) for day in scope.period.steps()]
    series = [
        Series(METRICS[code].name, [step[code].value for step in steps])
        for code in CHARTED
        if METRICS[code].unit is Unit.PERCENT
    ]
    return line_chart(labels=labels, series=series, unit="\N{NARROW NO-BREAK SPACE}%")
