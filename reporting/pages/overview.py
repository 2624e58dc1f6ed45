from __future__ import annotations

from dataclasses import replace

from core.formatting import date_text
from reporting.pages.charts import Bar, LineChart, Series, Sparkline, funnel, line_chart, sparkline
from reporting.pages.components import Context, Tile, label_of, tile
from reporting.pages.labels import Delta, delta, drilldown_link, value_label
from reporting.queries.reports import (
    PINNED,
    STAGES,
    Compared,
    ReportResult,
    compared,
    in_period,
    pinned,
)
from reporting.queries.rollup_queries import Answers, Counts, sum_by, total
from reporting.queries.scope import Scope
from reporting.registry.counters import Basis
from reporting.registry.figures import Figure
from reporting.registry.metrics import METRICS, Metric, Unit

CHARTED = ("source_to_sql", "mql_to_sql", "sales_acceptance")


def overview_page(result: ReportResult) -> Context:
    answers, scope = result.answers, result.scope
    leads, handoffs = map(in_period, answers.tables[:2])
    steps = [pinned(answers, step) for step, _ in enumerate(scope.period.steps())]
    return {
        "tiles": tiles(answers, scope, steps),
        "is_empty": not leads and not handoffs,
        "funnel": stage_bars(total(leads, basis=Basis.LEADS), scope),
        "reasons": reason_bars(answers, scope),
        "chart": rates_chart(scope, steps),
    }


def tiles(answers: Answers, scope: Scope, steps: list[dict[str, Figure]]) -> list[Tile]:
    now, pairs = pinned(answers), compared(answers, scope)
    return [
        tile(
            now[code],
            scope,
            delta=delta_of(pairs[code]) if code in pairs else None,
            trend=trend(METRICS[code], scope, steps),
        )
        for code in PINNED
    ]


def delta_of(pair: Compared) -> Delta | None:
    """Return the change, with the two figures if they are not those of the tiles."""
    change = delta(pair.now, pair.previous)
    if change is None or not pair.within:
        return change
    figures = f"{value_label(pair.now)} after {value_label(pair.previous)}"
    return replace(
        change,
        than=f"the previous period, in the first {pair.within} days of each lead: {figures}",
    )


def trend(metric: Metric, scope: Scope, steps: list[dict[str, Figure]]) -> Sparkline:
    # A shorter first step has fewer days to count, which would look like a change.
    is_skewed = metric.unit is Unit.COUNT and scope.period.missing
    values = [step[metric.code].value for step in steps]
    first, last = int(bool(is_skewed)), steps_begun(scope)
    day, label = (
        (scope.matured_until, young_label(scope))
        if metric.matures
        else (scope.today, "The last point is not over yet")
    )
    mature = max(scope.period.over_by(day) - first, 0)
    return sparkline(values[first:last], mature, label)


def steps_begun(scope: Scope) -> int:
    return sum(start <= scope.today for start in scope.period.steps())


def young_label(scope: Scope) -> str:
    return f"Leads younger than {scope.comparable_age} days: the rates may still rise"


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
    begun = steps_begun(scope)
    series = [
        Series(METRICS[code].name, [step[code].value for step in steps[:begun]]) for code in CHARTED
    ]
    return line_chart(
        labels=labels[:begun],
        series=series,
        unit="%",
        mature=scope.period.over_by(scope.matured_until),
        young_label=young_label(scope),
    )
