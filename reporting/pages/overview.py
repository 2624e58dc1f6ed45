from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from core.formatting import date_text
from reporting.pages.change import NO_CHANGE, RULES, change_in_words
from reporting.pages.charts import Bar, LineChart, Series, Sparkline, funnel, line_chart, sparkline
from reporting.pages.components import Context, Tile, label_of, tile
from reporting.pages.labels import Delta, counts_label, delta, drilldown_link, value_label
from reporting.queries.reports import (
    PINNED,
    STAGES,
    Compared,
    ReportResult,
    compared,
    in_period,
    pinned,
    pinned_of,
)
from reporting.queries.rollup_queries import TODAY, Answers, Counts, sum_by, total
from reporting.queries.scope import Scope
from reporting.registry.counters import Basis
from reporting.registry.figures import Figure
from reporting.registry.metrics import METRICS, Metric, Unit

CHARTED = ("source_to_sql", "mql_to_sql", "sales_acceptance")


def overview_page(result: ReportResult) -> Context:
    answers, scope = result.answers, result.scope
    leads, handoffs = map(in_period, answers.tables[:2])
    pairs, steps = compared(answers, scope), step_figures(answers, scope)
    return {
        "tiles": tiles(pinned(answers), pairs, scope, steps),
        "is_empty": not leads and not handoffs,
        "funnel": stage_bars(total(leads, basis=Basis.LEADS), scope),
        "reasons": reason_bars(answers, scope),
        "chart": rates_chart(scope, steps),
        "change": change_in_words(pairs, answers, scope),
        "no_change": NO_CHANGE,
        "rules": RULES,
    }


def step_figures(answers: Answers, scope: Scope) -> list[dict[str, Figure]]:
    """Return the pinned figures of each step that has begun; today is part of the last one."""
    begun = sum(start <= scope.today for start in scope.period.steps())
    steps = [(step, TODAY) if step == begun - 1 else (step,) for step in range(begun)]
    sums = [sum_by(table, -1) for table in answers.tables]
    return [
        pinned_of({(step,): by_step[step] for step in these if step in by_step} for by_step in sums)
        for these in steps
    ]


def tiles(
    now: Mapping[str, Figure],
    pairs: Mapping[str, Compared],
    scope: Scope,
    steps: list[dict[str, Figure]],
) -> list[Tile]:
    return [
        tile(
            now[code],
            scope,
            delta=delta_of(pairs[code], scope) if code in pairs else None,
            trend=trend(METRICS[code], scope, steps),
        )
        for code in PINNED
    ]


def delta_of(pair: Compared, scope: Scope) -> Delta | None:
    """Return the change, with the two figures if they are not those of the tiles."""
    change = delta(pair.now, pair.previous)
    if change is None:
        return None
    figures = f"{value_label(pair.now)} after {value_label(pair.previous)}"
    if pair.within:
        how = f"in the first {pair.within} days of each lead"
    elif scope.period.last >= scope.today:
        how = f"until {date_text(pair.days.last)}, the last day that is over"
    else:
        return change
    return replace(change, than=f"the previous period, {how}: {figures}")


def trend(metric: Metric, scope: Scope, steps: list[dict[str, Figure]]) -> Sparkline:
    # A shorter first step has fewer days to count, which would look like a change.
    is_skewed = metric.unit is Unit.COUNT and scope.period.missing
    values = [step[metric.code].value for step in steps]
    first = int(bool(is_skewed))
    day, label = (
        (scope.matured_until, young_label(scope))
        if metric.matures
        else (scope.over_until, "The last point is not over yet")
    )
    mature = max(scope.period.over_by(day) - first, 0)
    return sparkline(values[first:], mature, label)


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
    series = [
        Series(
            METRICS[code].name,
            [step[code].value for step in steps],
            notes=[counts_label(step[code]) for step in steps],
        )
        for code in CHARTED
    ]
    return line_chart(
        labels=labels[: len(steps)],
        series=series,
        unit="%",
        mature=scope.period.over_by(scope.matured_until),
        young_label=young_label(scope),
    )
