"""Build the decision that is stored when a late lead is reassigned."""

from __future__ import annotations

from typing import Any

from handoff.assignment.engine import Selection
from handoff.assignment.trace import candidates_as_json, round_robin_text
from handoff.clock_kinds import CLOCK_KINDS
from handoff.models import SlaClock
from handoff.routing.engine import Decision
from handoff.routing.specs import RouteTarget
from handoff.sla.policy import policy_of
from people.models import Team, User


def build_decision(
    clock: SlaClock,
    owner: User | None,
    pool: Team | None,
    selection: Selection | None,
    to: Team,
    *,
    version: int,
) -> Decision:
    """Return the decision; `selection` is None when no pool was asked for candidates."""
    is_assigned = selection is not None and selection.chosen is not None
    target = RouteTarget.POOL if is_assigned else RouteTarget.QUEUE
    return Decision(
        rule_id=None,
        target=target,
        because=f"{_why_reassigned(clock, owner, pool)} {_why_there(clock, pool, selection, to)}",
        trace={
            "version": version,
            "seed": clock.pk,
            "missing": [],
            "rules": [],
            "late": _clock_as_json(clock),
            "pool": _pool_as_json(pool, selection),
            "target": target.value,
        },
        team_id=to.pk,
        selection=selection if is_assigned else None,
    )


def _why_reassigned(clock: SlaClock, owner: User | None, pool: Team | None) -> str:
    if owner is None:
        return f"Reassigned because no one accepted it from the {pool} queue in time."
    return f"Reassigned because {owner} missed the {CLOCK_KINDS[clock.kind].label.lower()} SLA."


def _why_there(clock: SlaClock, pool: Team | None, selection: Selection | None, to: Team) -> str:
    if selection and selection.chosen:
        return round_robin_text(selection)
    if selection:
        why = f"No one else in {pool} was available"
    elif pool:
        why = f"The limit of {_hop_limit(clock)} reassignments is reached"
    else:
        why = "It was not in a pool"
    return f"{why}, so it went to the {to} queue."


def _clock_as_json(clock: SlaClock) -> dict[str, Any]:
    return {
        "clock": clock.pk,
        "kind": clock.kind,
        "due_at": clock.due_at.isoformat(),
        "handoff": clock.handoff_id,
        "hop": clock.handoff.hop,
        "hop_limit": _hop_limit(clock),
    }


def _hop_limit(clock: SlaClock) -> int:
    return policy_of(clock.handoff.policy_id).hop_limit


def _pool_as_json(pool: Team | None, selection: Selection | None) -> dict[str, Any] | None:
    if pool is None or selection is None:
        return None
    return {
        "id": pool.pk,
        "name": pool.name,
        "people": candidates_as_json(selection),
        "settled_by": selection.round_robin.settled_by if selection.round_robin else "",
    }
