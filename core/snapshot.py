from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Snapshot(Generic[T]):
    """A value cached per process until its stamp in the database changes.

    Without a stamp, as in an emptied database, the value is loaded each time.
    """

    def __init__(self, load: Callable[[], T], stamp: Callable[[], int | None]) -> None:
        self._load = load
        self._stamp = stamp
        self._held: tuple[int, T] | None = None

    def at(self, stamp: int | None) -> T:
        held = self._held
        if held is not None and stamp is not None and held[0] == stamp:
            return held[1]
        value = self._load()
        if stamp is not None:
            self._held = (stamp, value)
        return value

    def now(self) -> T:
        return self.at(self._stamp())
