"""Types for checks of conditions that must always be true: a check yields what violates one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from django.db.models import Model, QuerySet

MAX_ROWS: Final = 20_000
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Violation:
    subject: str
    says: str


Check = Callable[[datetime], Iterator[Violation]]
Reader = Callable[[float], None]
_reader: ContextVar[Reader | None] = ContextVar("reader", default=None)


@contextmanager
def progress_to(reader: Reader) -> Iterator[None]:
    """Call the reader with the share of a long check that is done, between 0 and 1."""
    token = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(token)


def report_progress(share: float) -> None:
    reader = _reader.get()
    if reader is not None:
        reader(share)


def in_slices(rows: QuerySet[M]) -> Iterator[QuerySet[M]]:
    """Return all rows of a large table in slices by primary key, and report progress."""
    after, last = 0, rows.order_by("-pk").values_list("pk", flat=True).first() or 0
    while after < last:
        ahead = rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
        up_to = next(iter(ahead[MAX_ROWS - 1 : MAX_ROWS]), last)
        yield rows.filter(pk__gt=after, pk__lte=up_to)
        after = up_to
        report_progress(after / last)
