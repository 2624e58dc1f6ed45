"""Why a late lead went on, as a decision like any other: the clock, the pool, the turn (N-02)."""

from __future__ import annotations

from typing import Any

from handoff.assignment.roster import Asked
from handoff.models import SlaClock
from handoff.routing.engine import Decision, whose_turn
from handoff.routing.specs import RouteTarget
from handoff.sla.policy import policy_of
from people.models import Team


def decision_on(
    clock: SlaClock, pool: Team | None, asked: Asked | None, to: Team, *, version: int
) -> Decision:
    """No rule is asked: the promise says that the lead goes on, the pool to whom.

    `asked` is None when the pool was not, `version` of the rules that name the last queue.
    """
    seat = asked.seat if asked else None
    target = RouteTarget.POOL if seat else RouteTarget.QUEUE
    return Decision(
        rule_id=None,
        target=target,
        because=f"{_why_on(clock, pool)} {_why_there(clock, pool, asked, to)}",
        trace={
            "version": version,
            "seed": clock.pk,
            "missing": [],
            "rules": [],
            "late": _late(clock),
            "pool": _pool(pool, asked),
            "target": target.value,
        },
        user_id=seat.user_id if seat else None,
        team_id=to.pk,
        turn=asked.turn if asked else None,
    )


def _why_on(clock: SlaClock, pool: Team | None) -> str:
    owner = clock.handoff.owner
    if owner is None:
        return f"Nobody took it from the queue {pool} in time, so it was passed on."
    what = clock.get_kind_display().lower()
    return f"{owner} was late with the {what}, so it was passed on."


def _why_there(clock: SlaClock, pool: Team | None, asked: Asked | None, to: Team) -> str:
    if asked and asked.seat and asked.turn:
        return whose_turn(asked.seat.name, asked.turn, among=len(asked.people))
    if asked:
        why = f"Nobody else in {pool} could take it now"
    elif pool:
        why = f"The limit of reassignments ({_hop_limit(clock)}) is reached"
    else:
        why = "It was in no pool"
    return f"{why}, so it waits in the queue {to}."


def _late(clock: SlaClock) -> dict[str, Any]:
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


def _pool(pool: Team | None, asked: Asked | None) -> dict[str, Any] | None:
    if pool is None or asked is None:
        return None
    return {
        "id": pool.pk,
        "name": pool.name,
        "people": asked.people,
        "settled_by": asked.turn.settled_by if asked.turn else "",
    }
