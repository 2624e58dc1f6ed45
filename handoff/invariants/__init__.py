"""Promises about handoffs that hold at any time; `check_invariants` proves them on the rows."""

from collections.abc import Mapping
from typing import Final

from core.invariants import Check
from handoff.invariants import clocks, notices, owners, queues, returned_leads

CHECKS: Final[Mapping[str, Check]] = {
    **owners.CHECKS,
    **returned_leads.CHECKS,
    **queues.CHECKS,
    **clocks.CHECKS,
    **notices.CHECKS,
}
