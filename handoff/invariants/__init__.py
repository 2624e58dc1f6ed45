"""Guarantees about handoffs that hold at any time, proved by `check_invariants`."""

from collections.abc import Mapping
from typing import Final

from core.invariants import Check
from handoff.invariants import clocks, notices, owners, queues, returned_leads, workload

CHECKS: Final[Mapping[str, Check]] = {
    **owners.CHECKS,
    **returned_leads.CHECKS,
    **queues.CHECKS,
    **clocks.CHECKS,
    **notices.CHECKS,
    **workload.CHECKS,
}
