"""Imported lines, known by a fingerprint that is written together with the data of the line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

from django.db import DataError, IntegrityError

from core.errors import Refused
from intake.imports.reader import BadLine, CsvLine
from intake.models import ImportedLine

# One line that raises one of these fails its whole batch, which is then imported line by line.
ROW_ERRORS: Final = (Refused, IntegrityError, DataError)


class Fingerprinted(Protocol):
    @property
    def fingerprint(self) -> UUID: ...

    @property
    def content(self) -> UUID | None: ...


T = TypeVar("T", bound=Fingerprinted)


def not_yet_imported(lines: Sequence[T]) -> list[T]:
    return compared_with_imported(lines)[0]


def compared_with_imported(lines: Sequence[T]) -> tuple[list[T], list[T], list[T]]:
    """Return the new lines, those that say something else than before, and the same ones."""
    imported = ImportedLine.objects.filter(fingerprint__in=[line.fingerprint for line in lines])
    known = dict(imported.values_list("fingerprint", "content"))
    new, changed, same = [], [], []
    for line in lines:
        if line.fingerprint not in known:
            new.append(line)
        elif line.content is not None and line.content != known[line.fingerprint]:
            changed.append(line)
        else:
            same.append(line)
        known[line.fingerprint] = line.content
    return new, changed, same


def imported_line(
    line: Fingerprinted,
    at: datetime,
    *,
    run_id: int | None = None,
    touch_id: int | None = None,
    lead_id: int | None = None,
    before: dict[str, Any] | None = None,
) -> ImportedLine:
    return ImportedLine(
        fingerprint=line.fingerprint,
        content=line.content,
        imported_at=at,
        run_id=run_id,
        touch_id=touch_id,
        lead_id=lead_id,
        before=before,
    )


def row_error(line: CsvLine, error: Exception) -> BadLine:
    return BadLine(line.number, line.cells, f"Refused: {error}".strip())


def incomplete_line(line: CsvLine, problems: Sequence[str]) -> BadLine:
    reason = f"Imported without {'; '.join(problems)}"
    return BadLine(line.number, line.cells, reason, is_imported=True, parts=tuple(problems))
