"""Print a report: a table on a terminal, JSON for machines."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reporting.queries.reports import REPORTS, Answered, Row, ask
from reporting.queries.scope import NONE, BadScope, read_scope
from reporting.rollups.refresh import follow_log
from reporting.today import today

GROUPS = sorted({group for report in REPORTS.values() for group in report.groups})
WORDS = {"person": "user"}


class Command(BaseCommand):
    help = "Print a report. Both days count; figures are brought up to date first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=sorted(REPORTS), metavar="NAME", help=_names())
        parser.add_argument("--from", required=True, metavar="DAY", help="as 2026-01-31, included")
        parser.add_argument("--to", required=True, metavar="DAY", help="as 2026-01-31, included")
        parser.add_argument("--by", choices=GROUPS, default="", help="what the rows are")
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        report = REPORTS[options["name"]]
        group = options["by"]
        if group and group not in report.groups:
            raise CommandError(
                f"The {report.name} report has no rows by {group}; "
                f"choose among: {', '.join(report.groups)}.",
                returncode=2,
            )
        days = {"from": options["from"], "to": options["to"]}
        try:
            scope = read_scope(days, today=today())
        except BadScope as refusal:
            raise CommandError(str(refusal), returncode=2) from None
        follow_log(at=timezone.now())
        answered = ask(report, scope, group)
        self.stdout.write(_as_json(answered) if options["json"] else _as_table(answered))


def _names() -> str:
    return "; ".join(f"{name}: {report.says.lower()}" for name, report in REPORTS.items())


def _as_json(answered: Answered) -> str:
    return json.dumps(
        {
            "metric_versions": answered.metric_versions,
            "fresh_as_of": answered.fresh_as_of.isoformat() if answered.fresh_as_of else None,
            "rows": answered.rows,
        },
        ensure_ascii=False,
        indent=2,
    )


def _as_table(answered: Answered) -> str:
    rows = answered.rows
    if not rows:
        return "Nothing happened in these days."
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
