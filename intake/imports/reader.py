"""Read CSV files with any delimiter, encoding and line ending, and with broken lines.

Pure, and streamed: memory does not grow with the file.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import re
import unicodedata
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import IO, Final

from core.csv_export import original_cell
from core.formatting import count_text

DELIMITERS: Final = (",", ";", "\t", "|")
MAX_LINE_LENGTH: Final = 1024 * 1024
BYTE_ORDER_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
# In front of the columns of a file of rejected lines.
ADDED_COLUMNS: Final = ("line", "reason")
# Titles there of cells that have none in the header of the file.
UNTITLED: Final = re.compile(r"untitled column \d+")
GZIP: Final = b"\x1f\x8b"
# Files that are mistaken for CSV, by their first bytes.
BINARY_KINDS: Final = {
    b"PK\x03\x04": "an Excel workbook or a ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF document",
    b"SQLite format 3": "a database",
    b"PAR1": "a Parquet file",
    b"{\\rtf": "an RTF document",
    b"<?xml": "an XML document",
    b"<html": "an HTML page",
    b"<!doctype html": "an HTML page",
}
SEPARATOR_LINE: Final = re.compile(r'"?sep=(?P<delimiter>.)"?\s*', re.IGNORECASE)
ESCAPED_BYTE: Final = re.compile("[\udc80-\udcff]")
# Titles and notes that programs write above the header.
MAX_LINES_ABOVE: Final = 20
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
    # The reason in its parts, when there are several.
    parts: tuple[str, ...] = ()


def decode_windows_1252(escaped: re.Match[str]) -> str:
    """Return the letter of a byte that is not UTF-8, as Windows-1252 has it."""
    byte = ord(escaped.group()) - 0xDC00
    return chr(byte) if byte in NOT_IN_1252 else bytes([byte]).decode("cp1252")


@contextmanager
def open_csv(path: Path, encoding: str = "") -> Iterator[IO[str]]:
    """Open the file as text; a byte that is not in a named encoding is an error."""
    try:
        with path.open("rb") as peek:
            is_compressed = peek.read(2) == GZIP
        with gzip.open(path) if is_compressed else path.open("rb") as binary:
            start = binary.read(512)
            binary.seek(0)
            check_is_text(path, start)
            errors = "strict" if encoding else "surrogateescape"
            with TextIOWrapper(
                binary, encoding=encoding or encoding_of(start), errors=errors, newline=""
            ) as file:
                yield file
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path} is not {encoding or error.encoding}.") from None
    except (OSError, EOFError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UnreadableFile(f"Cannot read {path}: {reason}.") from None


def check_is_text(path: Path, start: bytes) -> None:
    for signature, kind in BINARY_KINDS.items():
        if start.lstrip().lower().startswith(signature.lower()):
            raise UnreadableFile(f"{path} is {kind}. Open it and save it as “CSV UTF-8”.")


def encoding_of(start: bytes) -> str:
    """Return UTF-16 by its mark or by the NUL in each ASCII letter, else UTF-8."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    half = len(start) // 4
    if half and start[1::2].count(0) > half:
        return "utf-16-le"
    if half and start[0::2].count(0) > half:
        return "utf-16-be"
    return "utf-8-sig"


class PhysicalLines:
    """Numbered lines of the file; lines that are put back are read again first."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._pending: deque[str] = deque()
        self.number = 0
        self.first_not_utf8 = 0
        self._lines_read = 0
        self.consumed: list[str] = []

    def __iter__(self) -> PhysicalLines:
        return self

    def __next__(self) -> str:
        line = self._pending.popleft() if self._pending else self._readline()
        if not line:
            raise StopIteration
        self.number += 1
        self.consumed.append(line)
        if len(line) >= MAX_LINE_LENGTH:
            self._skip_rest(line)
        return line

    def _readline(self) -> str:
        line = self._file.readline(MAX_LINE_LENGTH)
        self._lines_read += 1
        if not line.isascii() and ESCAPED_BYTE.search(line):
            self.first_not_utf8 = self.first_not_utf8 or self._lines_read
            line = ESCAPED_BYTE.sub(decode_windows_1252, line)
        return line.replace("\0", "") or line and "\n"

    def _skip_rest(self, line: str) -> None:
        while line and not line.endswith(("\n", "\r")):
            line = self._file.readline(MAX_LINE_LENGTH)
        raise csv.Error(f"longer than {count_text(MAX_LINE_LENGTH)} characters")

    def peek(self, count: int) -> list[str]:
        """Return the next lines of the file, which are read again."""
        while len(self._pending) < count and (line := self._readline()):
            self._pending.append(line)
            if len(line) >= MAX_LINE_LENGTH:
                break
        return list(self._pending)[:count]

    def put_back_all_but_first(self) -> str:
        first, *rest = self.consumed
        self._pending.extendleft(reversed(rest))
        self.number -= len(rest)
        return first


class CsvReader:
    """Iterates over the good and bad lines below the header."""

    def __init__(
        self,
        file: IO[str],
        expected: Collection[str] = (),
        delimiter: str = "",
        skip_lines: int = 0,
    ) -> None:
        self._lines = PhysicalLines(file)
        for _ in islice(self._lines, skip_lines):
            pass
        above = self._lines.peek(MAX_LINES_ABOVE)
        separator = SEPARATOR_LINE.fullmatch(above[0]) if above else None
        if separator is not None:
            delimiter = delimiter or separator["delimiter"]
            above[0] = ""
        place = place_of_header(above, expected, delimiter)
        for _ in range(place):
            next(self._lines)
        self.delimiter = delimiter or best_delimiter(above[place], expected)
        self._csv = csv.reader(self._lines, delimiter=self.delimiter, strict=True)
        self.blank_lines = 0
        self.header: list[str] = []
        header = self._record()
        if not isinstance(header, CsvLine):
            raise UnreadableFile("Cannot read the header line.")
        self.header = without_empty_end(stripped(self._unquoted(header.cells)))
        self._is_rejects = tuple(self.header[:2]) == ADDED_COLUMNS
        if self._is_rejects:
            self.header = without_untitled_end([original_cell(cell) for cell in self.header])

    @property
    def first_not_utf8(self) -> int:
        """Return the first line that was read as Windows-1252, or 0."""
        return self._lines.first_not_utf8

    def _unquoted(self, cells: list[str]) -> list[str]:
        """Return the cells of a line that was quoted once more as a whole."""
        if len(cells) != 1 or self.delimiter not in cells[0]:
            return cells
        try:
            return next(csv.reader([cells[0]], delimiter=self.delimiter), cells)
        except csv.Error:
            return cells

    def __iter__(self) -> Iterator[CsvLine | BadLine]:
        while (record := self._record()) is not None:
            if isinstance(record, CsvLine) and is_blank(record.cells):
                self.blank_lines += 1
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
        cells = self._fitting(cells)
        reason = self._mismatch(cells)
        if not reason:
            return CsvLine(start, cells)
        if len(self._lines.consumed) > 1:
            return self._reject_first_line(start, f"{reason} Check for a missing closing quote.")
        return BadLine(start, cells, reason)

    def _fitting(self, cells: list[str]) -> list[str]:
        """Return the cells without what programs add: quotes around the line, empty cells."""
        wanted = len(self.header)
        if len(cells) == 1 and wanted > 1:
            cells = self._unquoted(cells)
        if wanted and is_blank(cells[wanted:]):
            cells = cells[:wanted]
        return cells

    def _mismatch(self, cells: list[str]) -> str:
        wanted = len(self.header)
        if len(cells) == wanted or not wanted or is_blank(cells):
            return ""
        few_or_many = "few" if len(cells) < wanted else "many"
        return f"Too {few_or_many} columns: {len(cells)} instead of {wanted}."

    def _reject_first_line(self, start: int, reason: str) -> BadLine:
        first = self._lines.put_back_all_but_first()
        return BadLine(start, first.rstrip("\r\n").split(self.delimiter), reason)


def place_of_header(lines: list[str], expected: Collection[str], delimiter: str) -> int:
    """Return the line with most of the expected columns, else the first that is not empty."""

    def columns_found(line: str) -> int:
        candidate = delimiter or best_delimiter(line, expected)
        return columns_in(line, candidate, expected)[0]

    filled = [place for place, line in enumerate(lines) if line.strip()]
    if not filled:
        raise UnreadableFile("The file has no header line.")
    return max(filled, key=lambda place: columns_found(lines[place]))


def columns_in(line: str, delimiter: str, expected: Collection[str]) -> tuple[int, int]:
    """Return how many of the cells are expected columns, and how many cells there are."""
    try:
        cells = stripped(next(csv.reader([line], delimiter=delimiter), []))
        if len(cells) == 1:
            cells = stripped(next(csv.reader(cells, delimiter=delimiter), []))
    except csv.Error:
        return 0, 0
    names = {folded_name(cell) for cell in cells}
    return len(names.intersection(map(folded_name, expected))), len(cells)


def best_delimiter(header: str, expected: Collection[str]) -> str:
    """Return the delimiter that finds most of the expected columns, and then most columns."""
    return max(DELIMITERS, key=lambda delimiter: columns_in(header, delimiter, expected))


@lru_cache(10_000)
def folded_name(column: str) -> str:
    """Return a name or word without regard to case, blanks and Unicode form."""
    return " ".join(unicodedata.normalize("NFKC", column).casefold().split())


def is_blank(cells: list[str]) -> bool:
    return not any(cell.strip() for cell in cells)


def without_empty_end(cells: list[str]) -> list[str]:
    while len(cells) > 1 and not cells[-1]:
        cells = cells[:-1]
    return cells


def with_untitled(header: Sequence[str], width: int) -> list[str]:
    """Return the header with titles for the cells of lines that are longer than it."""
    return [*header, *(f"untitled column {number}" for number in range(len(header) + 1, width + 1))]


def without_untitled_end(header: list[str]) -> list[str]:
    while UNTITLED.fullmatch(header[-1]):
        header = header[:-1]
    return header


def stripped(cells: list[str]) -> list[str]:
    return [cell.strip().removeprefix(BYTE_ORDER_MARK) for cell in cells]
