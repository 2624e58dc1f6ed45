"""Keyset pages: page two thousand costs what the first one does, and nothing is shown twice."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan

R = TypeVar("R", bound=Sequence[Any])
LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Order:
    """By one column and then the key, both the same way; `read` turns its text into a value."""

    column: str
    descending: bool
    read: Callable[[str], Any]

    def columns(self, *, turned: bool = False) -> list[str]:
        sign = "-" if self.descending != turned else ""
        return [f"{sign}{self.column}", f"{sign}pk"]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page starts: next to the row with this value and key, on this side of it."""

    value: str
    pk: int
    before: bool = False

    def __str__(self) -> str:
        said = json.dumps([self.value, self.pk, int(self.before)]).encode()
        return base64.urlsafe_b64encode(said).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    rows: list[R]
    before: Cursor | None
    after: Cursor | None


def read_cursor(text: str) -> Cursor | None:
    """A cursor that nobody could have got from us means the first page."""
    try:
        value, pk, before = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return Cursor(str(value), int(pk), bool(before))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def start_of(order: Order, cursor: Cursor) -> tuple[Any, int] | None:
    """The value and key it starts next to; None when no list in this order has such a place."""
    try:
        value = order.read(cursor.value)
    except (ValueError, ArithmeticError):
        return None
    numbers = [cursor.pk, value] if isinstance(value, int) else [cursor.pk]
    return (value, cursor.pk) if all(abs(number) <= LARGEST for number in numbers) else None


class Pair(Func):
    """`(column, id)` compared as one value, which an index on both serves."""

    function = ""
    template = "(%(expressions)s)"
    output_field = BooleanField()


def page_of(
    rows: QuerySet[Any, Any],
    order: Order,
    cursor: Cursor | None,
    *,
    size: int,
    value_of: Callable[[R], Any],
    key_of: Callable[[R], int],
    fetch: Callable[[QuerySet[Any, Any]], list[R]] = list,
) -> Page[R]:
    """One page of `rows`, which say nothing yet about their order; `fetch` makes rows of them."""
    start = start_of(order, cursor) if cursor is not None else None
    if start is None:
        cursor = None
    backwards = cursor is not None and cursor.before
    if start is not None:
        further = LessThan if order.descending != backwards else GreaterThan
        rows = rows.filter(further(Pair(F(order.column), F("pk")), Pair(*map(Value, start))))
    found = fetch(rows.order_by(*order.columns(turned=backwards))[: size + 1])
    there_is_more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()

    def beside(row: R, *, before: bool) -> Cursor:
        value = value_of(row)
        text = value.isoformat() if hasattr(value, "isoformat") else str(value)
        return Cursor(text, key_of(row), before)

    has_before = there_is_more if backwards else cursor is not None
    has_after = True if backwards else there_is_more
    return Page(
        found,
        beside(found[0], before=True) if found and has_before else None,
        beside(found[-1], before=False) if found and has_after else None,
    )
