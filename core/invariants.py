"""Types for checks of conditions that must always be true: a check yields what violates one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Violation:
    subject: str
    says: str


Check = Callable[[datetime], Iterator[Violation]]
