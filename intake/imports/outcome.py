"""What an import did: counts, and the file of lines that could not be taken."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from intake.imports.mapping import BadMap
from intake.imports.reader import BadLine


@dataclass(slots=True)
class Summary:
    """Lines by what became of them; in a dry run, by what would."""

    lines: int = 0
    new: int = 0
    repeats: int = 0
    moved: int = 0
    already_imported: int = 0
    rejected: int = 0

    @property
    def taken(self) -> int:
        return self.new + self.repeats + self.moved

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Rejects:
    """Bad lines with line number and reason, before their own columns: to repair and send again."""

    def __init__(self, path: Path, *, is_kept: bool) -> None:
        self.path = path
        self.header: Sequence[str] = ()
        self._is_kept = is_kept
        self._file: IO[str] | None = None

    def __enter__(self) -> Rejects:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, bad: BadLine) -> None:
        if not self._is_kept:
            return
        if self._file is None:
            self._open()
        csv.writer(self._file).writerow([bad.number, bad.reason, *bad.cells])  # type: ignore[arg-type]

    def _open(self) -> None:
        try:
            self._file = self.path.open(
                "w", encoding="utf-8", errors="backslashreplace", newline=""
            )
        except OSError as error:
            raise BadMap(
                f"{self.path} cannot be written: {error.strerror}. Name another with --rejects."
            ) from None
        csv.writer(self._file).writerow(["line", "reason", *self.header])
