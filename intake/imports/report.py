"""The result of an import: counts, and a file of the rejected lines."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from itertools import chain, count
from pathlib import Path
from typing import IO, Any

from core.csv_export import safe_cell
from intake.imports.details import ImportDetails
from intake.imports.map_parsing import BadMap
from intake.imports.reader import ADDED_COLUMNS, BadLine


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
        return self.added + self.updated + self.moved

    @property
    def added(self) -> int:
        """Return the number of touches, which can be taken back."""
        return self.new + self.repeats

    def as_json(self) -> dict[str, Any]:
        counts = {item.name: getattr(self, item.name) for item in fields(self)}
        return counts | {"details": self.details.as_json()}


class RejectsFile:
    """Rejected and incomplete lines with number and reason, ready to fix and import again."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.header: Sequence[str] = ()
        self._file: IO[str] | None = None

    def __enter__(self) -> RejectsFile:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

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
        csv.writer(self._file).writerow([bad.number, *map(safe_cell, [bad.reason, *bad.cells])])

    def _open(self, path: Path) -> IO[str]:
        try:
            file = path.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="")
        except OSError as error:
            raise BadMap(
                f"Cannot write {path}: {error.strerror}. Name another file with --rejects."
            ) from None
        csv.writer(file).writerow([*ADDED_COLUMNS, *map(safe_cell, self.header)])
        return file


def free_path(path: Path) -> Path:
    """Return the path, with a number if it exists: an earlier list of what to repair stays."""
    numbered = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))
    return next(candidate for candidate in chain([path], numbered) if not candidate.exists())
