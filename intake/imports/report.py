"""The result of an import: counts, and a file of the rejected lines."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from itertools import chain, count
from pathlib import Path
from typing import IO, Any, Final

from core.csv_export import safe_cell
from intake.imports.details import ImportDetails
from intake.imports.map_parsing import BadMap
from intake.imports.reader import ADDED_COLUMNS, BadLine, with_untitled

# A longer line is not one of a table, and the header stays readable.
MAX_UNTITLED: Final = 100


@dataclass(slots=True)
class ImportSummary:
    """Lines by result; of a dry run, by the result they would have.

    Incomplete lines are imported ones with values that could not be used. `first_not_utf8` is the
    first line that was read as Windows-1252. Skipped lines are excluded by [only] or [skip].
    Blank lines have no filled cell, and are not among `lines`.
    """

    lines: int = 0
    new: int = 0
    repeats: int = 0
    updated: int = 0
    moved: int = 0
    already_imported: int = 0
    incomplete: int = 0
    rejected: int = 0
    skipped: int = 0
    blank: int = 0
    first_not_utf8: int = 0
    run: int | None = None
    details: ImportDetails = field(default_factory=ImportDetails)

    @property
    def imported(self) -> int:
        return self.added + self.updated

    @property
    def added(self) -> int:
        """Return the number of touches and moves, which can be taken back."""
        return self.new + self.repeats + self.moved

    def as_json(self) -> dict[str, Any]:
        counts = {item.name: getattr(self, item.name) for item in fields(self)}
        return counts | {"details": self.details.as_json()}


class RejectsFile:
    """Rejected and incomplete lines with number and reason, ready to fix and import again."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.header: Sequence[str] = ()
        self._width = 0
        self._file: IO[str] | None = None

    def __enter__(self) -> RejectsFile:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            if self._width > len(self.header):
                # The lines are listed all the same.
                with suppress(OSError, BadMap):
                    self._title_all_cells()

    def check_not_an_input(self, *inputs: Path) -> None:
        """Raise BadMap if the path is a file that the import still reads."""
        for input_path in inputs:
            with suppress(OSError):
                if self.path is not None and self.path.samefile(input_path):
                    raise BadMap(
                        f"{self.path} is an input of this import. Name another file with --rejects."
                    )

    def add(self, bad: BadLine) -> None:
        if self.path is None:
            return
        if self._file is None:
            self._file = self._open(self.path)
            self._write_header(self._file, self.header)
        self._width = max(self._width, min(len(bad.cells), len(self.header) + MAX_UNTITLED))
        csv.writer(self._file).writerow([bad.number, *map(safe_cell, [bad.reason, *bad.cells])])

    def _open(self, path: Path) -> IO[str]:
        try:
            file = path.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="")
        except OSError as error:
            raise BadMap(
                f"Cannot write {path}: {error.strerror}. Name another file with --rejects."
            ) from None
        return file

    def _write_header(self, file: IO[str], titles: Sequence[str]) -> None:
        csv.writer(file).writerow([*ADDED_COLUMNS, *map(safe_cell, titles)])

    def _title_all_cells(self) -> None:
        """Write the header again: only now it is known how long the longest line is."""
        if self.path is None or not self.path.is_file():
            return
        partial = self.path.with_name(f"{self.path.name}.part")
        with (
            self.path.open(encoding="utf-8-sig", newline="") as written,
            self._open(partial) as file,
        ):
            next(csv.reader(written))
            self._write_header(file, with_untitled(self.header, self._width))
            file.writelines(written)
        partial.replace(self.path)


def free_path(path: Path) -> Path:
    """Return the path, with a number if it exists: an earlier list of what to repair stays."""
    numbered = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))
    return next(candidate for candidate in chain([path], numbered) if not candidate.exists())
