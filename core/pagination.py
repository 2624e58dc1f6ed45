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


@dataclass(frozen=True, slots=True)
class PageSlice:
    """The start of a page and the direction in which it is read, before its rows are there.

    `start` is None for the first page.
    """

    order: Order
    size: int
    start: Start | None = None
    backwards: bool = False

    @classmethod
    def at(cls, cursor: Cursor | None, order: Order, *, size: int) -> PageSlice:
        """Return the page at a cursor; the first one if the cursor does not fit the order."""
        start = start_of(order, cursor) if cursor is not None else None
        return cls(order, size, start, start is not None and cursor is not None and cursor.before)

    def of(self, rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
        """Return the rows of the page, and one more that says whether there is another page."""
        if self.start is not None:
            rows = rows.filter(self.order.beyond(self.start, reverse=self.backwards))
        return rows.order_by(*self.order.columns(reverse=self.backwards))[: self.size + 1]

    def page(
        self, rows: list[R], *, value_of: Callable[[R], Any], key_of: Callable[[R], int]
    ) -> Page[R]:
        """Return the page from the rows as they were read."""
        has_more, rows = len(rows) > self.size, rows[: self.size]
        if self.backwards:
            rows.reverse()

        def cursor_at(row: R, *, before: bool) -> Cursor:
            value = value_of(row)
            text = value.isoformat() if hasattr(value, "isoformat") else str(value)
            return Cursor(None if value is None else text, key_of(row), before)

        has_before = has_more if self.backwards else self.start is not None
        has_after = True if self.backwards else has_more
        return Page(
            rows,
            cursor_at(rows[0], before=True) if rows and has_before else None,
            cursor_at(rows[-1], before=False) if rows and has_after else None,
        )


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
    part = PageSlice.at(cursor, order, size=size)
    return part.page(fetch(part.of(rows)), value_of=value_of, key_of=key_of)


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
