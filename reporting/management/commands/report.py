from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reporting.queries.names import configured_names
from reporting.queries.reports import REPORTS, ReportResult, Row, run_report
from reporting.queries.rollup_queries import PERSONAL
from reporting.queries.scope import (
    CODED,
    DIMENSIONS,
    NONE,
    SCOPE_PARAMETERS,
    BadScope,
    Key,
    read_scope,
    today,
)
from reporting.registry.dimensions import LABELS
from reporting.rollups.refresh import follow_log

GROUPS = sorted({group for report in REPORTS.values() for group in report.groups})
WORDS = {"person": "user"}


class Command(BaseCommand):
    help = "Refresh the figures and print a report."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=sorted(REPORTS), metavar="NAME", help=_names())
        parser.add_argument("--from", required=True, metavar="YYYY-MM-DD", help="inclusive")
        parser.add_argument("--to", required=True, metavar="YYYY-MM-DD", help="inclusive")
        parser.add_argument("--by", choices=GROUPS, default="", help="dimension of the rows")
        for dimension in sorted(DIMENSIONS):
            parser.add_argument(f"--{dimension}", default="", help=_help_of(dimension))
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        report = REPORTS[options["name"]]
        group = options["by"]
        if group and group not in report.groups:
            raise CommandError(
                f"The {report.name} report has no rows by {group}; "
                f"choose among: {', '.join(report.groups)}.",
                returncode=2,
            )
        parameters = {name: options[name] for name in SCOPE_PARAMETERS}
        try:
            scope = read_scope(with_keys(parameters), today=today())
            follow_log(at=timezone.now())
            result = run_report(report, scope, group)
        except BadScope as refusal:
            raise CommandError(str(refusal), returncode=2) from None
        self.stdout.write(_as_json(result) if options["json"] else _as_table(result))


def with_keys(parameters: Mapping[str, str]) -> dict[str, str]:
    """Replace names of sources, campaigns, lead types and teams with their numbers."""
    known = configured_names.now()
    return {name: key_of(text, known.get(name, {})) for name, text in parameters.items()}


def key_of(text: str, names: Mapping[Key, str]) -> str:
    """Return the number of what is called so; raise BadScope if several are."""
    keys = [str(key) for key, name in names.items() if name.casefold() == text.casefold()]
    if len(keys) > 1:
        raise BadScope(f"Several are called “{text}”. Use one of the numbers {', '.join(keys)}.")
    return keys[0] if keys else text


def _help_of(dimension: str) -> str:
    label = LABELS[dimension].lower()
    kind = "code" if dimension in CODED else "number" if dimension in PERSONAL else "name or number"
    return f"only rows of this {label}: its {kind}, or {NONE}"


def _names() -> str:
    return "; ".join(f"{name}: {report.description}" for name, report in REPORTS.items())


def _as_json(result: ReportResult) -> str:
    return json.dumps(
        {
            "metric_versions": result.metric_versions,
            "fresh_as_of": result.fresh_as_of.isoformat() if result.fresh_as_of else None,
            "rows": result.rows,
        },
        ensure_ascii=False,
        indent=2,
    )


def _as_table(result: ReportResult) -> str:
    rows = result.rows
    if not rows:
        return "No data in this period."
    head = list(rows[0])
    cells = [[_cell(row, name) for name in head] for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    lines = [head, ["-" * width for width in widths], *cells]
    texts = [[isinstance(value, str) for value in row.values()] for row in rows]
    is_text = [any(column) for column in zip(*texts, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if text else cell.rjust(width)
            for cell, width, text in zip(line, widths, is_text, strict=True)
        ).rstrip()
        for line in lines
    )


def _cell(row: Row, name: str) -> str:
    value = row[name]
    if value is None:
        return f"({NONE})" if not name.endswith(("value", "minutes")) else "–"
    return f"{value:.1f}" if isinstance(value, float) else str(value)
