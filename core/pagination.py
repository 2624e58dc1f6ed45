"""Keyset pagination: every page costs the same, and no row is skipped or shown twice.

Short lists that are read whole are cut into numbered pages.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from django.core.paginator import Paginator
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.expressions import OrderBy
from django.db.models.lookups import GreaterThan, LessThan

R = TypeVar("R", bound=Sequence[Any])
T = TypeVar("T")
Start = tuple[Any, int]
MAX_KEY: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Order:
    """An order by one column and then the key; `read` parses the column's text in a cursor.

    Rows without a value come last, in both directions.
    """

    column: str
    descending: bool
    read: Callable[[str], Any]
    is_nullable: bool = False

    def columns(self, *, reverse: bool = False) -> list[OrderBy]:
        descending = self.descending != reverse
        nulls = {"nulls_first" if reverse else "nulls_last": True} if self.is_nullable else {}
        return [
            OrderBy(F(self.column), descending=descending, **nulls),
            OrderBy(F("pk"), descending=descending),
        ]

    def beyond(self, start: Start, *, reverse: bool) -> Q:
        """Match the rows after this one, or before it in reverse."""
        value, key = start
        further = LessThan if self.descending != reverse else GreaterThan
        if value is None:
            same = Q(**{self.column: None}) & Q(further(F("pk"), Value(key)))
            return ~Q(**{self.column: None}) | same if reverse else same
        # As one value, for which an index on both is used.
        pair = Q(further(Pair(F(self.column), F("pk")), Pair(Value(value), Value(key))))
        return pair | Q(**{self.column: None}) if self.is_nullable and not reverse else pair


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row next to which a page starts, and on which side of it."""

    value: str | None
    pk: int
    before: bool = False

    def __str__(self) -> str:
        text = json.dumps([self.value, self.pk, int(self.before)])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    rows: list[R]
    before: Cursor | None
    after: Cursor | None


def read_cursor(text: str) -> Cursor | None:
    """Parse a cursor; None, which means the first page, if it is not valid."""
    try:
        value, pk, before = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return Cursor(None if value is None else str(value), int(pk), bool(before))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def start_of(order: Order, cursor: Cursor) -> Start | None:
    """Return the value and key of the row; None if they do not fit this order."""
    if cursor.value is None and not order.is_nullable:
        return None
    try:
        value = None if cursor.value is None else order.read(cursor.value)
    except (ValueError, ArithmeticError):
        return None
    numbers = [cursor.pk, value] if isinstance(value, int) else [cursor.pk]
    return (value, cursor.pk) if all(abs(number) <= MAX_KEY for number in numbers) else None


class Pair(Func):
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
    """Return one page of the unordered `rows`; `fetch` runs the query."""

    def read(start: Start | None, backwards: bool) -> list[R]:
        return fetch(slice_of(rows, order, start, backwards=backwards, size=size))

    return page_read_by(read, order, cursor, size=size, value_of=value_of, key_of=key_of)


def slice_of(
    rows: QuerySet[Any, Any], order: Order, start: Start | None, *, backwards: bool, size: int
) -> QuerySet[Any, Any]:
    """Return the rows of a page, and one more that says whether there is another page."""
    if start is not None:
        rows = rows.filter(order.beyond(start, reverse=backwards))
    return rows.order_by(*order.columns(reverse=backwards))[: size + 1]


def page_read_by(
    read: Callable[[Start | None, bool], list[R]],
    order: Order,
    cursor: Cursor | None,
    *,
    size: int,
    value_of: Callable[[R], Any],
    key_of: Callable[[R], int],
) -> Page[R]:
    """Return one page; `read` gets where it starts, and whether to read backwards from there."""
    start = start_of(order, cursor) if cursor is not None else None
    if start is None:
        cursor = None
    backwards = cursor is not None and cursor.before
    page_rows = read(start, backwards)
    has_more, page_rows = len(page_rows) > size, page_rows[:size]
    if backwards:
        page_rows.reverse()

    def cursor_at(row: R, *, before: bool) -> Cursor:
        value = value_of(row)
        text = value.isoformat() if hasattr(value, "isoformat") else str(value)
        return Cursor(None if value is None else text, key_of(row), before)

    has_before = has_more if backwards else cursor is not None
    has_after = True if backwards else has_more
    return Page(
        page_rows,
        cursor_at(page_rows[0], before=True) if page_rows and has_before else None,
        cursor_at(page_rows[-1], before=False) if page_rows and has_after else None,
    )


@dataclass(frozen=True, slots=True)
class NumberedPage(Generic[T]):
    """`before` and `after` are numbers of pages."""

    rows: list[T]
    before: int | None
    after: int | None


def numbered_page(rows: Sequence[T], number: str, *, size: int) -> NumberedPage[T]:
    """Return the page of this number as it was sent, else the first or the last one."""
    page = Paginator(rows, size).get_page(number)
    return NumberedPage(
        list(page),
        page.previous_page_number() if page.has_previous() else None,
        page.next_page_number() if page.has_next() else None,
    )
