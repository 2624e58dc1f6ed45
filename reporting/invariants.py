"""The invariants of all apps, and that the figures are what the log gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

import handoff.invariants
import leads.invariants
import people.invariants
from core.invariants import Check, Violation
from reporting.rollups.prove import find_differences


def figures_equal_a_recount(at: datetime) -> Iterator[Violation]:
    for difference in find_differences(at=at):
        yield Violation(f"{difference.subject}, {difference.day}", difference.message)


CHECKS: Final[Mapping[str, Check]] = {
    **people.invariants.CHECKS,
    **leads.invariants.CHECKS,
    **handoff.invariants.CHECKS,
    "every figure is what a recount gives": figures_equal_a_recount,
}
