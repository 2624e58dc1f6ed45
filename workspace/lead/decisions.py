"""Show why a lead went where it did: its decisions, evaluated rules and candidates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handoff.models import RoutingDecision
from handoff.routing.trace import shown_candidates, shown_rules


def decision_context(decisions: Sequence[RoutingDecision]) -> dict[str, Any]:
    """Show the latest decision and the latest by rules: an escalation asks a pool directly."""
    decision = decisions[0] if decisions else None
    by_rules = next((taken for taken in decisions if "late" not in taken.trace), None)
    pool = decision.trace.get("pool") if decision else None
    return {
        "decision": decision,
        "by_rules": by_rules,
        "rules": shown_rules(by_rules.trace["rules"]) if by_rules else [],
        "pool": pool["name"] if pool else "",
        "candidates": shown_candidates(pool["people"]) if pool else [],
    }
