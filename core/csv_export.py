from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

from django.http import StreamingHttpResponse

# Spreadsheets run a cell that starts with one of these as a formula.
FORMULA_PREFIXES: Final = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file for `csv.writer` that returns each line instead of storing it."""

    def write(self, line: str) -> str:
        return line


def csv_of(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Stream a table as a CSV download."""
    writer = csv.writer(_Echo())
    lines = (writer.writerow([_safe(value) for value in row]) for row in chain([head], rows))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_PREFIXES) else value
