"""Pick one of the eligible candidates; a new strategy is one more pure function here."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from handoff.assignment.eligibility import Candidate
from handoff.assignment.round_robin import RoundRobinResult, rotate


class Pick(NamedTuple):
    candidate: Candidate
    round_robin: RoundRobinResult | None = None


# The seed makes a choice among equals repeatable.
Strategy = Callable[[Sequence[Candidate], int], Pick]


def weighted_round_robin(eligible: Sequence[Candidate], seed: int) -> Pick:
    result = rotate(eligible, seed=seed)
    chosen = next(candidate for candidate in eligible if candidate.user_id == result.user_id)
    return Pick(chosen, result)


def named_person(eligible: Sequence[Candidate], seed: int) -> Pick:
    """Pick the person whom a rule, an account or a manager names; no rotation is affected."""
    return Pick(eligible[0])
