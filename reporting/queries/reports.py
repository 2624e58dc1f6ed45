"""The reports: the questions of each, and its rows for the command and the CSV."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final, NamedTuple

from leads.stages import FUNNEL, Stage
from reporting.queries.rollup_queries import (
    PREVIOUS,
    TODAY,
    Answers,
    Counts,
    Question,
    Table,
    read,
    sum_by,
    total,
)
from reporting.queries.scope import Key, Period, Scope
from reporting.registry.counters import AGED_CODES, PACE_COUNTERS, Basis
from reporting.registry.figures import Figure, figure
from reporting.registry.metrics import METRICS, Metric, versions
from reporting.rollups.build import LEAD_ROLLUP

# At most seven, so that the overview fits on one screen.
PINNED: Final = (
    "leads",
    "mql_to_sql",
    "source_to_sql",
    "sales_acceptance",
    "time_to_first_action",
    "contact_within_sla",
    "sla_attainment",
)
STAGES: Final[Mapping[Stage, str]] = {Stage.NEW: "leads"} | {
    stage: stage.value for stage in FUNNEL[1:]
}
EXITS: Final = ("nurture", "disqualified", "lost")
CONVERSIONS: Final = (
    "lead_to_mql",
    "mql_to_sal",
    "mql_to_sql",
    "sal_to_sql",
    "sql_to_opportunity",
    "opportunity_to_won",
)
UNSUPPORTED: Final = ("sql_without_attempt", "won_without_attempt")
# Of leads with an answer: the first one, the last one, and any rejection.
ACCEPTANCE: Final = ("sales_acceptance", "lasting_acceptance", "rejected_once")
SOURCE_RATES: Final = (
    "source_to_sql",
    "mql_to_sql",
    "sales_acceptance",
    "lasting_acceptance",
    "disqualification",
)
# Of leads: a reassignment does not reset them.
REQUEST_SPEEDS: Final = ("time_to_first_contact", "request_within_sla")
SPEEDS: Final = (
    "time_to_first_action",
    "contact_within_sla",
    "answer_within_sla",
    "sla_attainment",
)
LEAD_GROUPS: Final = ("source", "campaign", "lead_type", "team", "owner")
HANDOFF_GROUPS: Final = ("source", "campaign", "lead_type", "team")

Row = dict[str, Any]


@dataclass(frozen=True)
class Report:
    """`groups` are the dimensions of its rows, the default one first; `more` are counters that
    its page shows without a metric; `views` are ways to show them, the default one first."""

    name: str
    title: str
    description: str
    metrics: tuple[Metric, ...]
    groups: tuple[str, ...]
    questions: Callable[[Scope, str], list[Question]]
    rows: Callable[[Answers, Scope, str], list[Row]]
    more: frozenset[str] = frozenset()
    views: tuple[str, ...] = ()

    @property
    def bases(self) -> list[Basis]:
        return sorted({metric.basis for metric in self.metrics}, reverse=True)

    @cached_property
    def counters(self) -> set[str]:
        """Return the counters of its metrics, all that its page shows."""
        return {code for metric in self.metrics for code in metric.counters} | self.more


@dataclass(frozen=True)
class ReportRequest:
    """A report with its scope and choices, before its figures are read."""

    report: Report
    scope: Scope
    group: str
    view: str = ""

    @property
    def choices(self) -> dict[str, str]:
        """Return the parameters of the address that are not the default ones."""
        chosen = {"by": self.group, "view": self.view}
        defaults = {"by": self.report.groups[0], "view": next(iter(self.report.views), "")}
        return {name: value for name, value in chosen.items() if value != defaults[name]}


@dataclass(frozen=True, kw_only=True)
class ReportResult(ReportRequest):
    answers: Answers
    sort: str = ""  # a metric's code, with a sign if the highest comes first

    @property
    def rows(self) -> list[Row]:
        return self.report.rows(self.answers, self.scope, self.group)

    @property
    def metric_versions(self) -> dict[str, int]:
        return versions(self.report.metrics)

    @property
    def fresh_as_of(self) -> datetime | None:
        return self.answers.counted_at


def run_report(
    report: Report,
    scope: Scope,
    group: str = "",
    *,
    view: str = "",
    counters: Collection[str] = (),
    meanwhile: Callable[[ReportRequest], object] = lambda _: None,
) -> ReportResult:
    """Answer the questions of the report, with all counters or only with some.

    PostgreSQL answers while `meanwhile` runs.
    """
    group, view = group or report.groups[0], view or next(iter(report.views), "")
    request = ReportRequest(report, scope, group, view)
    questions = [
        replace(question, counters=counters) for question in report.questions(scope, group)
    ]
    answers = read(questions, restated_in=scope.period, meanwhile=lambda: meanwhile(request))
    return ReportResult(report, scope, group, view, answers=answers)


def grouped(table: Table) -> list[tuple[Key, dict[str, Any]]]:
    """Return the rows by the first part of the key, the largest first."""
    rows = sum_by(table, 0)
    return sorted(rows.items(), key=lambda row: (-_size(row[1]), str(row[0])))


def _size(counts: Counts) -> int:
    return max(number for number in counts.values() if isinstance(number, int))


# --- overview -------------------------------------------------------------------------------


def _overview_questions(scope: Scope, group: str) -> list[Question]:
    # A day that has just begun is compared with nothing.
    over = scope.period.part_until(scope.over_until)
    before = over[1] if over else None
    matured = scope.period.part_until(scope.matured_until)
    return [
        Question(
            Basis.LEADS,
            scope,
            by_step=True,
            previous=before,
            matured=(matured[1].last, matured[0].last) if matured else None,
        ),
        Question(Basis.HANDOFFS, scope, ("reason",), by_step=True, previous=before),
    ]


def in_period(table: Table) -> Table:
    """Return the rows of the period, without those of the one before it."""
    return {key: counts for key, counts in table.items() if key[-1] != PREVIOUS}


def in_steps(table: Table, *steps: int) -> Table:
    return {key: counts for key, counts in table.items() if key[-1] in steps}


def is_over(key: tuple[Key, ...]) -> bool:
    return key[-1] not in (PREVIOUS, TODAY)


def pinned(answers: Answers, *steps: int) -> dict[str, Figure]:
    """Return the pinned figures of the period, or of some steps."""
    return pinned_of(
        in_steps(table, *steps) if steps else in_period(table) for table in answers.tables
    )


def pinned_of(tables: Iterable[Table]) -> dict[str, Figure]:
    leads, handoffs = tables
    counts = total(leads, basis=Basis.LEADS) | total(handoffs, basis=Basis.HANDOFFS)
    return {code: figure(METRICS[code], counts) for code in PINNED}


class Compared(NamedTuple):
    """The same figure of two periods at the same age; `within` are the days of a lead that count.

    Without `within` all that happened counts. `days` and `days_before` are those that are counted.
    """

    now: Figure
    previous: Figure
    days: Period
    days_before: Period
    within: int = 0


def compared(answers: Answers, scope: Scope) -> dict[str, Compared]:
    """Return the pinned figures with those of the period before, if enough of it is over.

    Today is in neither: it is not over. Rates that rise for a while are compared over the leads
    that are old enough, by what happened in the first days of each.
    """
    figures = {}
    if over := scope.period.part_until(scope.over_until):
        now = pinned_of({k: v for k, v in t.items() if is_over(k)} for t in answers.tables)
        previous = pinned(answers, PREVIOUS)
        figures = {
            code: Compared(now[code], previous[code], *over)
            for code in PINNED
            if not METRICS[code].matures
        }
    if matured := scope.period.part_until(scope.matured_until):
        leads = {key: counts for key, counts in answers.tables[0].items() if key[-2]}
        periods = [
            total(part, basis=Basis.LEADS) for part in (in_period(leads), in_steps(leads, PREVIOUS))
        ]
        age = scope.comparable_age
        for metric in (METRICS[code] for code in PINNED if METRICS[code].matures):
            of_now, of_previous = (figure(metric.within(age), counts) for counts in periods)
            figures[metric.code] = Compared(of_now, of_previous, *matured, age)
    return figures


def _overview_rows(answers: Answers, scope: Scope, group: str) -> list[Row]:
    pairs = compared(answers, scope)
    return [
        {
            "metric": code,
            "name": now.metric.name,
            "value": now.value,
            "numerator": now.numerator,
            "denominator": now.denominator,
            **_compared_columns(pairs.get(code)),
        }
        for code, now in pinned(answers).items()
    ]


def _compared_columns(pair: Compared | None) -> Row:
    """Return both figures that the change is computed from, and the days of a lead that count."""
    figures = {"compared": pair and pair.now, "previous": pair and pair.previous}
    columns = {
        f"{name}_{part}": getattr(shown, part) if shown else None
        for name, shown in figures.items()
        for part in ("value", "numerator", "denominator")
    }
    return {**columns, "within_days": pair.within or None if pair else None}


# --- funnel and sources -----------------------------------------------------------------------


def _funnel_questions(scope: Scope, group: str) -> list[Question]:
    return [Question(Basis.LEADS, scope, () if group == "stage" else (group,))]


def _funnel_rows(answers: Answers, scope: Scope, group: str) -> list[Row]:
    if group != "stage":
        return _count_rows(answers, scope, group)
    counts = total(answers.tables[0], basis=Basis.LEADS)
    codes = [*STAGES.values(), *EXITS]
    return [{"stage": METRICS[code].name, "leads": counts[code]} for code in codes]


def _sources_questions(scope: Scope, group: str) -> list[Question]:
    return [Question(Basis.LEADS, scope, (group,))]


def _count_rows(answers: Answers, scope: Scope, group: str) -> list[Row]:
    return [
        {group: answers.name(group, key), **numbers_of(counts)}
        for key, counts in grouped(answers.tables[0])
    ]


def numbers_of(counts: Counts) -> dict[str, int]:
    return {code: number for code, number in counts.items() if isinstance(number, int)}


# --- rejections -------------------------------------------------------------------------------


def _rejections_questions(scope: Scope, group: str) -> list[Question]:
    return [
        Question(Basis.HANDOFFS, scope, (group, "reason")),
        *_questions_of_leads(scope),
    ]


def _questions_of_leads(scope: Scope) -> list[Question]:
    """Return the question about leads, unless the filters are of handoffs only."""
    is_counted = LEAD_ROLLUP.grain_for(scope.where) is not None
    return [Question(Basis.LEADS, scope)] if is_counted else []


def _rejections_rows(answers: Answers, scope: Scope, group: str) -> list[Row]:
    rows = [
        {
            group: answers.name(group, key),
            "reason": answers.name("reason", reason),
            "rejections": counts["rejections"],
        }
        for (key, reason), counts in answers.tables[0].items()
        if reason
    ]
    return sorted(rows, key=lambda row: (-row["rejections"], str(row[group]), row["reason"]))


# --- speed ------------------------------------------------------------------------------------


def _speed_questions(scope: Scope, group: str) -> list[Question]:
    return [
        Question(Basis.HANDOFFS, scope, ("temperature",)),
        Question(Basis.HANDOFFS, scope, (group,)),
        *_questions_of_leads(scope),
    ]


def _speed_rows(answers: Answers, scope: Scope, group: str) -> list[Row]:
    rows = []
    for key, counts in grouped(answers.tables[1]):
        median = figure(METRICS["time_to_first_action"], counts).value
        row = {group: answers.name(group, key), **numbers_of(counts), "median_minutes": median}
        rows.append({code: value for code, value in row.items() if code not in PACE_COUNTERS})
    return rows


def _metrics(*codes: str) -> tuple[Metric, ...]:
    return tuple(METRICS[code] for code in codes)


REPORTS: Final[Mapping[str, Report]] = {
    report.name: report
    for report in (
        Report(
            "overview",
            "Overview",
            "Key figures for marketing and sales, compared with the previous period.",
            _metrics(*dict.fromkeys((*PINNED, *STAGES.values())), "rejection_reasons"),
            ("metric",),
            _overview_questions,
            _overview_rows,
            AGED_CODES,
        ),
        Report(
            "funnel",
            "Funnel",
            "How many leads of a period reached each stage.",
            _metrics(*STAGES.values(), *EXITS, *CONVERSIONS, *UNSUPPORTED),
            ("stage", *LEAD_GROUPS),
            _funnel_questions,
            _funnel_rows,
        ),
        Report(
            "sources",
            "Sources",
            "Leads by source, and how many of them sales accepted and qualified.",
            _metrics(*STAGES.values(), *SOURCE_RATES),
            LEAD_GROUPS,
            _sources_questions,
            _count_rows,
        ),
        Report(
            "rejections",
            "Rejections",
            "Why sales rejected leads, by source, campaign, lead type or team.",
            _metrics(
                *("handoffs", "rejections", "handoff_rejection", "rejection_reasons"),
                *("rejections_by_reason", "cannot_evaluate", *ACCEPTANCE),
            ),
            HANDOFF_GROUPS,
            _rejections_questions,
            _rejections_rows,
            views=("count", "rate"),
        ),
        Report(
            "speed",
            "Speed",
            "How fast sales responds to leads, and how often the SLA is met.",
            _metrics("handoffs", "contacted", *SPEEDS, *REQUEST_SPEEDS),
            ("team", "user", "temperature", "source", "campaign", "lead_type"),
            _speed_questions,
            _speed_rows,
            frozenset(PACE_COUNTERS),
        ),
    )
}
