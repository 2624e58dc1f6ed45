"""What an import did: counts, and the file of lines that could not be taken."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final

from intake.imports.mapping import BadMap
from intake.imports.reader import BadLine

ADDED: Final = ("line", "reason")
SHOWN: Final = 20


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

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.header: Sequence[str] = ()
        self.first: list[BadLine] = []
        self._file: IO[str] | None = None

    def __enter__(self) -> Rejects:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if self._file is not None:
            self._file.close()
        elif error is None and self.path is not None:
            delete_rejects(self.path)

    def check_apart(self, *others: Path) -> None:
        """What is still being read must not be written over."""
        for other in others:
            with suppress(OSError):
                if self.path is not None and self.path.samefile(other):
                    raise BadMap(
                        f"{self.path} is read by this import; name another file with --rejects."
                    )

    def add(self, bad: BadLine) -> None:
        if len(self.first) < SHOWN:
            self.first.append(bad)
        if self.path is None:
            return
        if self._file is None:
            self._file = self._open(self.path)
        csv.writer(self._file).writerow([bad.number, bad.reason, *bad.cells])

    def _open(self, path: Path) -> IO[str]:
        try:
            file = path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
        except OSError as error:
            raise BadMap(
                f"{path} cannot be written: {error.strerror}. Name another with --rejects."
            ) from None
        csv.writer(file).writerow([*ADDED, *self.header])
        return file


def delete_rejects(path: Path) -> None:
    """Those of an earlier run, whose lines are in by now; whatever else the path is stays."""
    with suppress(OSError):
        if not path.is_file():
            return
        with path.open(encoding="utf-8", errors="replace") as file:
            is_ours = file.readline(100).startswith(",".join(ADDED))
        if is_ours:
            path.unlink()
