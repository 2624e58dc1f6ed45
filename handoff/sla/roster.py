"""The pools a sweep gives leads to: locked and read once, turns taken in memory, written once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from handoff.routing.pools import open_handoffs
from handoff.routing.turns import take_turn
from leads.changes import Changes
from people.availability import Availability, availability
from people.models import Membership


@dataclass(slots=True)
class Seat:
    """A present member of a pool as the turns go round."""

    membership_id: int
    user_id: int
    edition_id: int | None
    weight: int
    capacity: int | None
    balance: int
    last_turn_at: datetime | None
    has_moved: bool = False


class Roster:
    def __init__(self, team_ids: Collection[int], *, at: datetime) -> None:
        self._at = at
        self._pools: dict[int, list[Seat]] = defaultdict(list)
        members = availability(team_ids, at=at, lock=True)
        self._load = open_handoffs({one.user_id for one in members if one.capacity is not None})
        for member in members:
            if member.is_active and not member.is_absent:
                self._pools[member.team_id].append(_seat(member))

    def take(self, team_id: int | None, *, excluding: Collection[int], seed: int) -> Seat | None:
        """Give the pool's turn to one who is present, has room and is not excluded."""
        eligible = {
            seat.user_id: seat
            for seat in self._pools.get(team_id or 0, ())
            if seat.user_id not in excluding and self._has_room(seat)
        }
        if not eligible:
            return None
        turn = take_turn(list(eligible.values()), seed=seed)
        for user_id, balance in turn.after.items():
            eligible[user_id].balance = balance
            eligible[user_id].has_moved = True
        chosen = eligible[turn.user_id]
        chosen.last_turn_at = self._at
        self._load[turn.user_id] += 1
        return chosen

    def write(self, changes: Changes) -> None:
        for pool in self._pools.values():
            for seat in pool:
                if seat.has_moved:
                    changes.update(
                        Membership,
                        seat.membership_id,
                        balance=seat.balance,
                        last_turn_at=seat.last_turn_at,
                    )

    def _has_room(self, seat: Seat) -> bool:
        return seat.capacity is None or self._load[seat.user_id] < seat.capacity


def _seat(member: Availability) -> Seat:
    return Seat(
        membership_id=member.membership_id,
        user_id=member.user_id,
        edition_id=member.edition_id,
        weight=member.weight,
        capacity=member.capacity,
        balance=member.balance,
        last_turn_at=member.last_turn_at,
    )
