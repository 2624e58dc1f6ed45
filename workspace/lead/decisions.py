"""Show why a lead went where it did: its decisions, evaluated rules and candidates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from handoff.models import RoutingDecision

OUTCOMES: Final = {"chosen": "matched", "nobody": "nobody"}


def decision_context(decisions: Sequence[RoutingDecision]) -> dict[str, Any]:
    """Show the latest decision and the latest by rules: an escalation asks a pool directly."""
    decision = decisions[0] if decisions else None
    by_rules = next((taken for taken in decisions if "late" not in taken.trace), None)
    pool = decision.trace.get("pool") if decision else None
    return {
        "decision": decision,
        "by_rules": by_rules,
        "rules": evaluated_rules(by_rules) if by_rules else [],
        "pool": pool["name"] if pool else "",
        "candidates": candidates(pool["people"]) if pool else [],
    }


def evaluated_rules(decision: RoutingDecision) -> list[dict[str, Any]]:
    """Convert the stored trace for `components/_trace.html`."""
    return [
        {
            "place": place,
            "name": rule["name"],
            "outcome": OUTCOMES.get(rule["outcome"], "failed"),
            "text": "A field it needs is unknown." if rule["outcome"] == "unknown" else "",
            "explanation": rule["criteria"],
            "candidates": candidates(rule.get("people", [])),
        }
        for place, rule in enumerate(decision.trace["rules"], start=1)
    ]


def candidates(people: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(person["name"], person["excluded"] or "Available") for person in people]
