"""Words for what two versions differ in; each kind of version compares its own rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True)
class Detail:
    """One part of a row: what went, what stayed and what is new."""

    label: str
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    def __str__(self) -> str:
        old, new = ", ".join(self.removed), ", ".join(self.added)
        if self.kept and not old:
            return f"{new} added to {self.label}"
        if self.kept and not new:
            return f"{old} removed from {self.label}"
        if not old or not new:
            return f"{self.label}: {new} added" if new else f"{self.label}: {old} removed"
        return f"{self.label} from {old} to {new}"


def list_detail(label: str, old: Iterable[str], new: Iterable[str]) -> Iterator[Detail]:
    """Yield what was added to a list and removed from it, if anything was."""
    before, after = tuple(old), tuple(new)
    removed = tuple(word for word in before if word not in after)
    added = tuple(word for word in after if word not in before)
    if removed or added:
        yield Detail(label, removed, tuple(word for word in after if word in before), added)


def value_detail(label: str, old: str, new: str) -> Iterator[Detail]:
    """Yield what replaced a value, if anything did."""
    if old != new:
        yield Detail(label, (old,) if old else (), (), (new,) if new else ())
