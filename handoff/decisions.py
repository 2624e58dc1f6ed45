"""Store a routing decision with its whole trace, and the event that refers to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.unit_of_work import UnitOfWork
from handoff.models import RoutingDecision
from handoff.routing.engine import Decision
from leads.event_log import record
from leads.events import Routed


def record_decision(
    work: UnitOfWork,
    decision: Decision,
    *,
    decision_id: int,
    lead_id: int,
    rule_set_id: int,
    facts: dict[str, Any],
    seed: int,
    at: datetime,
) -> None:
    """Add both rows to the unit of work; `facts` is JSON."""
    work.add_row(
        RoutingDecision,
        id=decision_id,
        lead_id=lead_id,
        rule_set_id=rule_set_id,
        rule_id=decision.rule_id,
        decided_at=at,
        target=decision.target.value,
        user_id=decision.user_id,
        team_id=decision.team_id,
        because=decision.because,
        facts=facts,
        trace=decision.trace,
        seed=seed,
    )
    record(
        work,
        lead_id,
        Routed(
            decision=decision_id,
            rule=decision.rule_id,
            target=decision.target.value,
            user=decision.user_id,
            team=decision.team_id,
        ),
        at=at,
    )
