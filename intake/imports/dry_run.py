"""A dry run: run the import, batch by batch, in transactions that are rolled back.

A batch locks its contacts and pools as an import does, so not the whole file is one transaction.
What an earlier batch would have left is made again first, from the lines that share a contact.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, Protocol

from django.db import transaction

from intake.imports.reader import BadLine, CsvLine
from intake.imports.report import ImportSummary

# A contact with more lines than this is repeated from its first ones.
MAX_REPEATED: Final = 200


class Importer(Protocol):
    run_id: int | None

    def import_batch(
        self, lines: Sequence[CsvLine], summary: ImportSummary, at: datetime
    ) -> list[BadLine]: ...

    def relations(self, line: CsvLine, at: datetime) -> Iterator[str]: ...


class DryRun:
    """Wraps an importer; `summary` counts what it would have done."""

    def __init__(self, importer: Importer) -> None:
        self._importer = importer
        self._earlier = EarlierLines()

    def import_batch(
        self, lines: Sequence[CsvLine], summary: ImportSummary, at: datetime
    ) -> list[BadLine]:
        related = {line.number: set(self._importer.relations(line, at)) for line in lines}
        earlier = self._earlier.related(set().union(*related.values()))
        with transaction.atomic():
            if earlier:
                self._importer.import_batch(earlier, ImportSummary(), at)
            bad = self._importer.import_batch(lines, summary, at)
            transaction.set_rollback(True)
        for line in lines:
            self._earlier.add(line, related[line.number])
        return bad


class EarlierLines:
    """Lines by what they share with others, on disk: memory does not grow with the file."""

    def __init__(self) -> None:
        # An empty name is a temporary database that SQLite deletes.
        self._rows = sqlite3.connect("")
        self._rows.executescript(
            "CREATE TABLE line (number INTEGER PRIMARY KEY, cells TEXT);"
            "CREATE TABLE shared (value TEXT, number INTEGER, PRIMARY KEY (value, number))"
            " WITHOUT ROWID;"
            "CREATE INDEX by_number ON shared (number);"
        )

    def add(self, line: CsvLine, shared: Iterable[str]) -> None:
        cells = json.dumps(line.cells)
        self._rows.execute("INSERT OR IGNORE INTO line VALUES (?, ?)", (line.number, cells))
        self._rows.executemany(
            "INSERT OR IGNORE INTO shared VALUES (?, ?)", [(value, line.number) for value in shared]
        )

    def related(self, values: set[str]) -> list[CsvLine]:
        """Return the lines that share a value, and those that share one with them in turn."""
        numbers: set[int] = set()
        seen, new = set(values), set(values)
        while new and len(numbers) < MAX_REPEATED:
            related = {number for value in new for number in self._numbers(value)} - numbers
            numbers |= related
            new = {value for number in related for value in self._values(number)} - seen
            seen |= new
        return [self._line(number) for number in sorted(numbers)]

    def _numbers(self, value: str) -> list[int]:
        rows = self._rows.execute(
            "SELECT number FROM shared WHERE value = ? ORDER BY number LIMIT ?",
            (value, MAX_REPEATED),
        )
        return [number for (number,) in rows]

    def _values(self, number: int) -> list[str]:
        rows = self._rows.execute("SELECT value FROM shared WHERE number = ?", (number,))
        return [value for (value,) in rows]

    def _line(self, number: int) -> CsvLine:
        (cells,) = self._rows.execute(
            "SELECT cells FROM line WHERE number = ?", (number,)
        ).fetchone()
        return CsvLine(number, json.loads(cells))
