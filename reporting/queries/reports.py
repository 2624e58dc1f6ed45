"""The reports by name: what each asks of the rollups, and its rows for commands and CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from leads.stages import FUNNEL, Stage
from reporting.queries.rollup_queries import Answers, Counts, Question, by, read, total
from reporting.queries.scope import Key, Scope
from reporting.registry.figures import Figure, figure
from reporting.registry.metrics import METRICS, SPEED_COUNTERS, Basis, Metric, versions

# At most seven (spec 1.23), three of them core: acceptance, time to first action, source to SQL.
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
SOURCE_RATES: Final = (
    "source_to_sql",
    "mql_to_sql",
    "sales_acceptance",
    "sales_rejection",
    "disqualification",
)
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
    """`groups` are the dimensions it can be broken down by, the first unless asked otherwise."""

    name: str
    title: str
    says: str
    metrics: tuple[Metric, ...]
    groups: tuple[str, ...]
    questions: Callable[[Scope, str], list[Question]]
    rows: Callable[[Answers, str], list[Row]]

    @property
    def bases(self) -> list[Basis]:
        return sorted({metric.basis for metric in self.metrics}, reverse=True)


@dataclass(frozen=True)
class Answered:
    report: Report
    scope: Scope
    group: str
    answers: Answers

    @property
    def rows(self) -> list[Row]:
        return self.report.rows(self.answers, self.group)

    @property
    def metric_versions(self) -> dict[str, int]:
        return versions(self.report.metrics)

    @property
    def fresh_as_of(self) -> datetime | None:
        return self.answers.counted_at


def ask(report: Report, scope: Scope, group: str = "") -> Answered:
    group = group or report.groups[0]
    answers = read(report.questions(scope, group), restated_in=scope.period)
    return Answered(report, scope, group, answers)


def grouped(table: Mapping[tuple[Key, ...], Counts]) -> list[tuple[Key, dict[str, int]]]:
    """Rows by the first part of the key, the largest first."""
    rows = by(table, 0)
    return sorted(rows.items(), key=lambda row: (-max(row[1].values()), str(row[0])))


# --- overview -------------------------------------------------------------------------------

OVERVIEW_PARTS: Final = ("leads now", "leads before", "handoffs now", "handoffs before", "reasons")


def _overview_questions(scope: Scope, group: str) -> list[Question]:
    return [
        Question(Basis.LEADS, scope, by_step=True),
        Question(Basis.LEADS, scope.before()),
        Question(Basis.HANDOFFS, scope, by_step=True),
        Question(Basis.HANDOFFS, scope.before()),
        Question(Basis.HANDOFFS, scope, ("reason",)),
    ]


def pinned(answers: Answers, *, before: bool = False) -> list[Figure]:
    leads = total(answers.tables[1 if before else 0], basis=Basis.LEADS)
    handoffs = total(answers.tables[3 if before else 2], basis=Basis.HANDOFFS)
    return [figure(METRICS[code], leads | handoffs) for code in PINNED]


def _overview_rows(answers: Answers, group: str) -> list[Row]:
    pairs = zip(pinned(answers), pinned(answers, before=True), strict=True)
    return [
        {
            "metric": now.metric.code,
            "name": now.metric.name,
            "value": now.value,
            "numerator": now.numerator,
            "denominator": now.denominator,
            "previous_value": then.value,
            "previous_numerator": then.numerator,
            "previous_denominator": then.denominator,
        }
        for now, then in pairs
    ]


# --- funnel and sources -----------------------------------------------------------------------


def _funnel_questions(scope: Scope, group: str) -> list[Question]:
    questions = [Question(Basis.LEADS, scope)]
    return questions if group == "stage" else [*questions, Question(Basis.LEADS, scope, (group,))]


def _funnel_rows(answers: Answers, group: str) -> list[Row]:
    if group != "stage":
        return _count_rows(answers, answers.tables[1], group)
    counts = total(answers.tables[0], basis=Basis.LEADS)
    codes = [*STAGES.values(), *EXITS]
    return [{"stage": METRICS[code].name, "leads": counts[code]} for code in codes]


def _sources_questions(scope: Scope, group: str) -> list[Question]:
    return [Question(Basis.LEADS, scope, (group,))]


def _sources_rows(answers: Answers, group: str) -> list[Row]:
    return _count_rows(answers, answers.tables[0], group)


def _count_rows(answers: Answers, table: Mapping[tuple[Key, ...], Counts], group: str) -> list[Row]:
    return [{group: answers.name(group, key), **counts} for key, counts in grouped(table)]


# --- rejections -------------------------------------------------------------------------------


def _rejections_questions(scope: Scope, group: str) -> list[Question]:
    return [Question(Basis.HANDOFFS, scope, (group, "reason"))]


def _rejections_rows(answers: Answers, group: str) -> list[Row]:
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
    ]


def _speed_rows(answers: Answers, group: str) -> list[Row]:
    rows = []
    for key, counts in grouped(answers.tables[1]):
        shown = {code: number for code, number in counts.items() if code not in SPEED_COUNTERS}
        median = figure(METRICS["time_to_first_action"], counts).value
        rows.append({group: answers.name(group, key), **shown, "median_minutes": median})
    return rows


def _metrics(*codes: str) -> tuple[Metric, ...]:
    return tuple(METRICS[code] for code in codes)


REPORTS: Final[Mapping[str, Report]] = {
    report.name: report
    for report in (
        Report(
            "overview",
            "Overview",
            "What both sides look at every day.",
            _metrics(*dict.fromkeys((*PINNED, *STAGES.values())), "rejection_reasons"),
            ("metric",),
            _overview_questions,
            _overview_rows,
        ),
        Report(
            "funnel",
            "Funnel",
            "How far the leads of a period came, stage by stage.",
            _metrics(*STAGES.values(), *EXITS, *CONVERSIONS),
            ("stage", *LEAD_GROUPS),
            _funnel_questions,
            _funnel_rows,
        ),
        Report(
            "sources",
            "Sources",
            "What each source brought, and what became of it.",
            _metrics(*STAGES.values(), *SOURCE_RATES),
            LEAD_GROUPS,
            _sources_questions,
            _sources_rows,
        ),
        Report(
            "rejections",
            "Rejections",
            "Why sales said no, and to what.",
            _metrics("handoffs", "rejections", "rejection_reasons", "cannot_evaluate"),
            HANDOFF_GROUPS,
            _rejections_questions,
            _rejections_rows,
        ),
        Report(
            "speed",
            "Speed",
            "How soon people got an answer, and which promises were kept.",
            _metrics("handoffs", *SPEEDS),
            ("team", "user", "temperature", "source", "campaign", "lead_type"),
            _speed_questions,
            _speed_rows,
        ),
    )
}
