"""Reports and lists as CSV: no personal data, and every row says by which definition it counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.http import StreamingHttpResponse

from core.csv_export import csv_of
from reporting.queries.drilldown import Behind
from reporting.queries.reports import Answered
from reporting.queries.rollup_queries import Answers
from reporting.queries.scope import Period

NAMED: Final = frozenset({"source", "campaign", "lead_type", "team", "owner", "user"})


def report_csv(answered: Answered, *, asked_at: datetime) -> StreamingHttpResponse:
    rows = answered.rows
    head = list(rows[0]) if rows else []
    versions = " ".join(f"{code}:{version}" for code, version in answered.metric_versions.items())
    tail = [_iso(answered.fresh_as_of), asked_at.isoformat(), versions]
    return csv_of(
        f"{answered.report.name}-{_days(answered.scope.period)}",
        [*head, "counted_up_to", "asked_at", "metric_versions"],
        ([*row.values(), *tail] for row in rows),
    )


def list_csv(behind: Behind, answers: Answers, *, asked_at: datetime) -> StreamingHttpResponse:
    fields = behind.rollup.milestones._meta.concrete_fields
    kept = (_iso(answers.counted_at), asked_at.isoformat())
    tail = [behind.metric.code, behind.metric.version, behind.part, *kept]

    def line(values: Sequence[Any]) -> list[Any]:
        pairs = zip(fields, values, strict=True)
        return [*(_plain(answers, field.name, value) for field, value in pairs), *tail]

    rows = behind.rows().values_list(*(field.attname for field in fields))
    return csv_of(
        f"{behind.metric.code}-{behind.part}-{_days(behind.scope.period)}",
        [
            *(field.name for field in fields),
            *("metric", "metric_version", "part", "counted_up_to", "asked_at"),
        ],
        map(line, rows.iterator(chunk_size=2000)),
    )


def _plain(answers: Answers, name: str, value: Any) -> Any:
    if name in NAMED:
        return answers.name(name, value)
    if isinstance(value, datetime):
        return value.isoformat()
    return " ".join(value) if isinstance(value, list) else value


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _days(period: Period) -> str:
    return f"{period.first}-to-{period.last}"
