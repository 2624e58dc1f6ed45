from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

from django.http import StreamingHttpResponse

# Without it, Excel reads the letters outside ASCII as other ones.
BYTE_ORDER_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
# Spreadsheets run a cell that starts with one of these as a formula. A cell also starts behind a
# semicolon or line break, where the semicolon separates columns.
START: Final = r"(^|[;\r\n])([ \"']*)"
FORMULA: Final = r"(?=[=+\-@\t\r＝＋－＠])"
STARTS_FORMULA: Final = re.compile(START + FORMULA)
MADE_SAFE: Final = re.compile(f"{START}'{FORMULA}")


def safe_cell(value: Any) -> Any:
    """Return text that no spreadsheet runs; other values unchanged."""
    return STARTS_FORMULA.sub(r"\1\2'", value) if isinstance(value, str) else value


def original_cell(text: str) -> str:
    """Return the text that `safe_cell` made safe."""
    return MADE_SAFE.sub(r"\1\2", text)


class _Echo:
    """A file for `csv.writer` that returns each line instead of storing it."""

    def write(self, line: str) -> str:
        return line


def csv_of(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Stream a table as a CSV download."""
    writer = csv.writer(_Echo())
    lines = (writer.writerow([safe_cell(value) for value in row]) for row in chain([head], rows))
    response = StreamingHttpResponse(
        chain([BYTE_ORDER_MARK], lines), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
