"""Weighted round robin: a balance per member, counted in parts of a lead.

Of each lead every eligible member is credited their share by weight, and the one who gets it is
debited the whole, so the sum over the pool never changes and a balance says how far somebody is
ahead or behind. A member who is not eligible earns nothing and owes nothing, so nobody is flooded
on return. Crediting plain weights and debiting their sum would let counts drift apart without
bound, because a lead then costs more on days when many are in.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

# Every sum of weights up to 16 divides it, so small pools share without any rounding.
ONE_LEAD: Final = 720_720
NEVER: Final = datetime.min.replace(tzinfo=UTC)


class RoundRobinMember(Protocol):
    @property
    def user_id(self) -> int: ...
    @property
    def weight(self) -> int: ...
    @property
    def balance(self) -> int: ...
    @property
    def last_turn_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class RoundRobinResult:
    """The user who got the lead, what settled it, and the balances of everyone eligible."""

    user_id: int
    settled_by: str
    before: dict[int, int]
    after: dict[int, int]


def rotate(members: Sequence[RoundRobinMember], *, seed: int) -> RoundRobinResult:
    """Assign one lead to one of the eligible `members`."""
    weights = sum(member.weight for member in members)
    shares = {member.user_id: ONE_LEAD * member.weight // weights for member in members}
    before = {member.user_id: member.balance for member in members}
    after = {user_id: balance + shares[user_id] for user_id, balance in before.items()}
    chosen, settled_by = _highest_balance(members, after, seed)
    after[chosen] -= sum(shares.values())
    return RoundRobinResult(chosen, settled_by, before, after)


def _highest_balance(
    members: Sequence[RoundRobinMember], balances: dict[int, int], seed: int
) -> tuple[int, str]:
    highest = max(balances.values())
    level = [member for member in members if balances[member.user_id] == highest]
    if len(level) == 1:
        return level[0].user_id, "balance"
    longest = min(member.last_turn_at or NEVER for member in level)
    waiting = [member for member in level if (member.last_turn_at or NEVER) == longest]
    if len(waiting) == 1:
        return waiting[0].user_id, "wait"
    user_ids = (member.user_id for member in waiting)
    return min(user_ids, key=lambda user_id: _tie_break(seed, user_id)), "lot"


def _tie_break(seed: int, user_id: int) -> bytes:
    """Return the same bytes in every version of Python, so that old decisions can be replayed."""
    return hashlib.blake2b(f"{seed}:{user_id}".encode(), digest_size=8).digest()
