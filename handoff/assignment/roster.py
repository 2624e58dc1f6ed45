"""The pools a sweep gives leads to: locked and read once, turns taken in memory, written once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.unit_of_work import UnitOfWork
from handoff.assignment.pools import open_handoffs
from handoff.assignment.round_robin import Turn, take_turn
from handoff.routing.engine import OUTSIDE_HOURS, as_seen, at_capacity, why_away
from people.availability import Availability, availability
from people.models import Membership


@dataclass(slots=True)
class Seat:
    """A member of a pool as the turns go round; `is_out` says why nothing can go there now."""

    membership_id: int
    user_id: int
    name: str
    is_out: str
    edition_id: int | None
    is_within_hours: bool
    weight: int
    capacity: int | None
    balance: int
    last_turn_at: datetime | None
    has_moved: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking a pool: everybody as a trace keeps them, and who got it, if anybody."""

    people: list[dict[str, Any]]
    seat: Seat | None = None
    turn: Turn | None = None


class Roster:
    def __init__(self, team_ids: Collection[int], *, at: datetime) -> None:
        self._at = at
        self._pools: dict[int, list[Seat]] = defaultdict(list)
        members = availability(team_ids, at=at, lock=True)
        self._load = open_handoffs({one.user_id for one in members if one.capacity is not None})
        for member in sorted(members, key=lambda one: one.user_id):
            self._pools[member.team_id].append(_seat(member, at))

    def ask(
        self,
        team_id: int,
        *,
        who_had_it: Collection[int],
        requires_working_hours: bool,
        seed: int,
    ) -> Asked:
        """Give the pool's turn to one who is present, has room and never had the lead."""
        pool = self._pools.get(team_id, [])
        excluded = {
            seat.user_id: self._why_excluded(seat, who_had_it, requires_working_hours)
            for seat in pool
        }
        eligible = {seat.user_id: seat for seat in pool if not excluded[seat.user_id]}
        if not eligible:
            return Asked([_seen(seat, excluded[seat.user_id], seat.balance) for seat in pool])
        turn = take_turn(list(eligible.values()), seed=seed)
        after = turn.after
        people = [
            _seen(seat, excluded[seat.user_id], after.get(seat.user_id, seat.balance))
            for seat in pool
        ]
        for user_id, seat in eligible.items():
            seat.balance = after[user_id]
            seat.has_moved = True
        chosen = eligible[turn.user_id]
        chosen.last_turn_at = self._at
        self._load[turn.user_id] += 1
        return Asked(people, chosen, turn)

    def write(self, work: UnitOfWork) -> None:
        for pool in self._pools.values():
            for seat in pool:
                if seat.has_moved:
                    work.update(
                        Membership,
                        seat.membership_id,
                        balance=seat.balance,
                        last_turn_at=seat.last_turn_at,
                    )

    def _why_excluded(
        self, seat: Seat, who_had_it: Collection[int], requires_working_hours: bool
    ) -> str:
        if seat.is_out:
            return seat.is_out
        if seat.user_id in who_had_it:
            return "had it before"
        if requires_working_hours and not seat.is_within_hours:
            return OUTSIDE_HOURS
        if seat.capacity is not None and self._load[seat.user_id] >= seat.capacity:
            return at_capacity(self._load[seat.user_id], seat.capacity)
        return ""


def _seen(seat: Seat, excluded: str, after: int) -> dict[str, Any]:
    return as_seen(seat.user_id, seat.name, excluded=excluded, before=seat.balance, after=after)


def _seat(member: Availability, at: datetime) -> Seat:
    return Seat(
        membership_id=member.membership_id,
        user_id=member.user_id,
        name=member.name,
        is_out=why_away(
            is_active=member.is_active,
            may_answer=member.may_answer,
            is_absent=member.is_absent,
        ),
        edition_id=member.edition_id,
        is_within_hours=member.is_working(at),
        weight=member.weight,
        capacity=member.capacity,
        balance=member.balance,
        last_turn_at=member.last_turn_at,
    )
