from __future__ import annotations

from core.formatting import date_text
from reporting.pages.charts import Bar, LineChart, Series, funnel, line_chart, sparkline
from reporting.pages.components import Context, Tile, label_of, tile
from reporting.pages.labels import delta, drilldown_link
from reporting.queries.reports import PINNED, STAGES, ReportResult, in_period, pinned
from reporting.queries.rollup_queries import PREVIOUS, Answers, Counts, sum_by, total
from reporting.queries.scope import Scope
from reporting.registry.counters import Basis
from reporting.registry.figures import Figure
from reporting.registry.metrics import METRICS, Metric, Unit

CHARTED = ("source_to_sql", "mql_to_sql", "sales_acceptance")


def overview_page(result: ReportResult) -> Context:
    answers, scope = result.answers, result.scope
    leads, handoffs = map(in_period, answers.tables)
    steps = [pinned(answers, step) for step, _ in enumerate(scope.period.steps())]
    return {
        "tiles": tiles(answers, scope, steps),
        "is_empty": not leads and not handoffs,
        "funnel": stage_bars(total(leads, basis=Basis.LEADS), scope),
        "reasons": reason_bars(answers, scope),
        "chart": rates_chart(scope, steps),
    }


def tiles(answers: Answers, scope: Scope, steps: list[dict[str, Figure]]) -> list[Tile]:
    now, previous = pinned(answers), pinned(answers, PREVIOUS)
    return [
        tile(
            now[code],
            scope,
            delta=delta(now[code], previous[code]),
            trend=sparkline(trend(METRICS[code], scope, steps)),
        )
        for code in PINNED
    ]


def trend(metric: Metric, scope: Scope, steps: list[dict[str, Figure]]) -> list[float | None]:
    # A shorter first step has fewer days to count, which would look like a change.
    is_skewed = metric.unit is Unit.COUNT and scope.period.missing
    return [step[metric.code].value for step in steps[1 if is_skewed else 0 :]]


def stage_bars(counts: Counts, scope: Scope) -> list[Bar]:
    return funnel(
        [
            (METRICS[code].name, counts[code], drilldown_link(scope, METRICS[code]))
            for code in STAGES.values()
        ]
    )


def reason_bars(answers: Answers, scope: Scope) -> list[Bar]:
    """Return the rejections by reason, each with its share of all rejections."""
    metric = METRICS["rejection_reasons"]
    by_reason = {
        reason: counts["rejections"]
        for reason, counts in sum_by(in_period(answers.tables[1]), 0).items()
    }
    bars = funnel(
        [
            (
                label_of(answers, "reason", reason),
                number,
                drilldown_link(scope, metric, reason=reason),
            )
            for reason, number in sorted(by_reason.items(), key=lambda item: -item[1])
            if reason
        ]
    )
    rejections = sum(by_reason.values())
    return [Bar(bar.label, bar.count, bar.width, rejections, bar.href) for bar in bars]


def rates_chart(scope: Scope, steps: list[dict[str, Figure]]) -> LineChart:
    has_years = not scope.period.is_within_a_year
    labels = [date_text(day, with_year=has_years) for day in scope.period.steps()]
    series = [Series(METRICS[code].name, [step[code].value for step in steps]) for code in CHARTED]
    return line_chart(labels=labels, series=series, unit="%")
