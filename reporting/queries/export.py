"""Reports and drill-downs as CSV, with the versions of the metrics.

There is no personal data in them, apart from what reps wrote in notes on leads that the reader may
open.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.http import StreamingHttpResponse

from core.csv_export import csv_of
from people.models import User
from reporting.queries.drilldown import Drilldown
from reporting.queries.reports import ReportResult
from reporting.queries.rollup_queries import Answers
from reporting.queries.scope import NUMBERED, Period

ROWS_AT_ONCE: Final = 2_000


def report_csv(result: ReportResult, *, exported_at: datetime) -> StreamingHttpResponse:
    rows = result.rows
    head = list(rows[0]) if rows else []
    versions = " ".join(f"{code}:{version}" for code, version in result.metric_versions.items())
    tail = [_iso(result.fresh_as_of), exported_at.isoformat(), versions]
    return csv_of(
        f"{result.report.name}-{_days(result.scope.period)}",
        [*head, "counted_up_to", "asked_at", "metric_versions"],
        ([*row.values(), *tail] for row in rows),
    )


def drilldown_csv(
    drilldown: Drilldown, answers: Answers, *, reader: User, exported_at: datetime
) -> StreamingHttpResponse:
    fields = drilldown.rollup.milestones._meta.concrete_fields
    metric, part = drilldown.metric, drilldown.part
    tail = [metric.code, metric.version, part, _iso(answers.counted_at), exported_at.isoformat()]

    def line(values: Sequence[Any]) -> list[Any]:
        *columns, note = values
        pairs = zip(fields, columns, strict=True)
        return [*(_plain(answers, field.name, value) for field, value in pairs), note, *tail]

    rows = drilldown.rows_with_notes(reader).values_list(
        *(field.attname for field in fields), "note"
    )
    return csv_of(
        f"{metric.code}-{part}-{_days(drilldown.scope.period)}",
        [
            *(field.name for field in fields),
            *("note", "metric", "metric_version", "part", "counted_up_to", "asked_at"),
        ],
        map(line, rows.iterator(chunk_size=ROWS_AT_ONCE)),
    )


def _plain(answers: Answers, name: str, value: Any) -> Any:
    if name in NUMBERED:
        return answers.name(name, value)
    if isinstance(value, datetime):
        return value.isoformat()
    return " ".join(value) if isinstance(value, list) else value


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _days(period: Period) -> str:
    return f"{period.first}-to-{period.last}"
