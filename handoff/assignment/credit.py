"""Credit the round robin position when a rejected lead was a duplicate or had bad data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.unit_of_work import UnitOfWork
from handoff.models import RoutingDecision
from people.models import Membership


def credit_position(work: UnitOfWork, decision: RoutingDecision | None) -> None:
    """Undo the balances of a round robin decision; do nothing for other decisions."""
    if decision is None or decision.team_id is None or decision.user_id is None:
        return
    changes = changes_of(decision.trace)
    if not changes:
        return
    pool = Membership.objects.select_for_update(no_key=True).filter(team=decision.team_id)
    members = {row.user_id: row for row in pool.order_by("pk")}
    for user_id, amount in credits(changes, decision.user_id, set(members)).items():
        member = members[user_id]
        work.set(member, balance=member.balance + amount)
    if decision.user_id in members:
        # Without a last turn, the member comes first among equal balances.
        work.set(members[decision.user_id], last_turn_at=None)


def changes_of(trace: Mapping[str, Any]) -> dict[int, int]:
    """Return by how much the decision changed each balance, from its trace."""
    pool = trace.get("pool") or {}
    rotations = [*trace.get("rules", ()), {"people": pool.get("people", ()), **pool}]
    chosen = next((rotation for rotation in rotations if rotation.get("settled_by")), None)
    people = chosen["people"] if chosen else ()
    return {
        person["user_id"]: person["balance_after"] - person["balance_before"]
        for person in people
        if person["balance_after"] != person["balance_before"]
    }


def credits(changes: Mapping[int, int], chosen: int, members: set[int]) -> dict[int, int]:
    """Return what each present member gets back; the sum is zero, whoever has left since."""
    if chosen not in members:
        return {}
    amounts = {
        user_id: -change
        for user_id, change in changes.items()
        if user_id in members and user_id != chosen
    }
    return amounts | {chosen: -sum(amounts.values())}
