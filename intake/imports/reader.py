"""Read CSV files with any delimiter, encoding and line ending, and with broken lines.

Pure, and streamed: memory does not grow with the file.
"""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from core.csv_export import original_cell

DELIMITERS: Final = (",", ";", "\t", "|")
MAX_LINE_LENGTH: Final = 1024 * 1024
BYTE_ORDER_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
# In front of the columns of a file of rejected lines.
ADDED_COLUMNS: Final = ("line", "reason")
NOT_IN_1252: Final = frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D})


class UnreadableFile(Exception):
    """A file that cannot be read at all; the message is for the person who imports it."""


@dataclass(frozen=True, slots=True)
class CsvLine:
    """One record; `number` is the line of the file that it starts on."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is rejected, or imported without some of its values."""

    number: int
    cells: list[str]
    reason: str
    is_imported: bool = False


def windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Decode bytes that are not UTF-8 as Windows-1252, which has the letters of Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    decoded = (
        chr(byte) if byte in NOT_IN_1252 else bytes([byte]).decode("cp1252") for byte in wrong
    )
    return "".join(decoded), error.end


codecs.register_error("windows_1252", windows_1252)


@contextmanager
def open_csv(path: Path) -> Iterator[IO[str]]:
    try:
        with path.open("rb") as peek:
            start = peek.read(2)
        encoding = "utf-16" if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
        file = path.open(encoding=encoding, errors="windows_1252", newline="")
    except OSError as error:
        raise UnreadableFile(f"Cannot read {path}: {error.strerror}.") from None
    with file:
        yield file


class PhysicalLines:
    """Numbered lines of the file; lines that are put back are read again first."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._pending: deque[str] = deque()
        self.number = 0
        self.consumed: list[str] = []

    def __iter__(self) -> PhysicalLines:
        return self

    def __next__(self) -> str:
        line = self._pending.popleft() if self._pending else self._file.readline(MAX_LINE_LENGTH)
        if not line:
            raise StopIteration
        self.number += 1
        self.consumed.append(line)
        if len(line) >= MAX_LINE_LENGTH:
            self._skip_rest(line)
        return line

    def _skip_rest(self, line: str) -> None:
        while line and not line.endswith(("\n", "\r")):
            line = self._file.readline(MAX_LINE_LENGTH)
        raise csv.Error(f"longer than {MAX_LINE_LENGTH:,} characters")

    def put_back_all_but_first(self) -> str:
        first, *rest = self.consumed
        self._pending.extendleft(reversed(rest))
        self.number -= len(rest)
        return first


class CsvReader:
    """Iterates over the good and bad lines below the header."""

    def __init__(self, file: IO[str], expected: Collection[str] = ()) -> None:
        self._lines = PhysicalLines(file)
        first = next(self._lines, "")
        if not first.strip():
            raise UnreadableFile("The file has no header line.")
        self._lines.consumed.insert(0, "")
        self._lines.put_back_all_but_first()
        self.delimiter = best_delimiter(first, expected)
        self._csv = csv.reader(self._lines, delimiter=self.delimiter, strict=True)
        self.header: list[str] = []
        header = self._record()
        if not isinstance(header, CsvLine):
            raise UnreadableFile("Cannot read the header line.")
        self.header = stripped(header.cells)
        self._is_rejects = tuple(self.header[:2]) == ADDED_COLUMNS
        if self._is_rejects:
            self.header = [original_cell(cell) for cell in self.header]

    def __iter__(self) -> Iterator[CsvLine | BadLine]:
        while (record := self._record()) is not None:
            if isinstance(record, CsvLine) and not any(cell.strip() for cell in record.cells):
                continue
            if isinstance(record, CsvLine) and stripped(record.cells) == self.header:
                yield BadLine(record.number, record.cells, "The line repeats the header.")
            elif isinstance(record, CsvLine) and self._is_rejects:
                yield CsvLine(record.number, [original_cell(cell) for cell in record.cells])
            else:
                yield record

    def _record(self) -> CsvLine | BadLine | None:
        """Return the next record; of a broken one that spans lines, reject only the first line."""
        start = self._lines.number + 1
        self._lines.consumed.clear()
        try:
            cells = next(self._csv)
        except StopIteration:
            return None
        except csv.Error as error:
            return self._reject_first_line(start, f"Cannot read the line: {error}.")
        reason = self._mismatch(cells)
        if not reason:
            return CsvLine(start, cells)
        if len(self._lines.consumed) > 1:
            return self._reject_first_line(start, f"{reason} Check for a missing closing quote.")
        return BadLine(start, cells, reason)

    def _mismatch(self, cells: list[str]) -> str:
        wanted = len(self.header)
        if len(cells) == wanted or not wanted or not any(cells):
            return ""
        few_or_many = "few" if len(cells) < wanted else "many"
        return f"Too {few_or_many} columns: {len(cells)} instead of {wanted}."

    def _reject_first_line(self, start: int, reason: str) -> BadLine:
        first = self._lines.put_back_all_but_first()
        return BadLine(start, first.rstrip("\r\n").split(self.delimiter), reason)


def best_delimiter(header: str, expected: Collection[str]) -> str:
    """Return the delimiter that finds most of the expected columns, and then most columns."""

    def rank(delimiter: str) -> tuple[int, int]:
        cells = stripped(next(csv.reader([header], delimiter=delimiter)))
        return len(set(expected).intersection(cells)), len(cells)

    return max(DELIMITERS, key=rank)


def stripped(cells: list[str]) -> list[str]:
    return [cell.strip().removeprefix(BYTE_ORDER_MARK) for cell in cells]
