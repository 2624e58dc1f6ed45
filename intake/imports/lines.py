"""Which lines are in already: a fingerprint each, written with what the line brought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from intake.models import ImportedLine
from leads.changes import Changes


class Fingerprinted(Protocol):
    @property
    def fingerprint(self) -> UUID: ...


T = TypeVar("T", bound=Fingerprinted)


def not_yet_imported(lines: Sequence[T]) -> list[T]:
    done = ImportedLine.objects.filter(fingerprint__in=[line.fingerprint for line in lines])
    known = set(done.values_list("fingerprint", flat=True))
    return [line for line in lines if line.fingerprint not in known]


def mark_imported(changes: Changes, line: Fingerprinted, at: datetime) -> None:
    changes.insert(ImportedLine, fingerprint=str(line.fingerprint), imported_at=at)
