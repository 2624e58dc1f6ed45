"""Which lines are in already: a fingerprint each, written with what the line brought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol, TypeVar
from uuid import UUID

from django.db import DataError, IntegrityError

from core.errors import Refused
from intake.imports.reader import BadLine, Line
from intake.models import ImportedLine

# What one line can do to its whole batch, which is then taken line by line to find it.
SPOILING: Final = (Refused, IntegrityError, DataError)


class Fingerprinted(Protocol):
    @property
    def fingerprint(self) -> UUID: ...


T = TypeVar("T", bound=Fingerprinted)


def not_yet_imported(lines: Sequence[T]) -> list[T]:
    done = ImportedLine.objects.filter(fingerprint__in=[line.fingerprint for line in lines])
    known = set(done.values_list("fingerprint", flat=True))
    return [line for line in lines if line.fingerprint not in known]


def imported_line(line: Fingerprinted, at: datetime) -> ImportedLine:
    return ImportedLine(fingerprint=line.fingerprint, imported_at=at)


def spoilt(line: Line, error: Exception) -> BadLine:
    return BadLine(line.number, line.cells, f"Refused: {error}".strip())
