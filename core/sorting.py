"""Heads of columns that sort a list by its address: “-score” is the highest first."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class SortHead(NamedTuple):
    """`order` is a value of aria-sort, or empty."""

    label: str
    href: str
    order: str


def sort_head(
    label: str, name: str, sort: str, href: Callable[[str], str], *, descending_first: bool = False
) -> SortHead:
    """Return the head of a column; `href` makes the address of an order."""
    ascending, descending = name, f"-{name}"
    first, second = (descending, ascending) if descending_first else (ascending, descending)
    order = {ascending: "ascending", descending: "descending"}.get(sort, "")
    return SortHead(label, href(second if sort == first else first), order)
