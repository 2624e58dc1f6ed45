"""Select who gets a lead: the one function behind routing, escalation and reassignment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from handoff.assignment.eligibility import (
    Candidate,
    EligibilityPolicy,
    Exclusion,
    why_excluded,
)
from handoff.assignment.round_robin import RoundRobinResult
from handoff.assignment.strategies import Strategy


@dataclass(frozen=True, slots=True)
class Selection:
    """Candidates in a fixed order, why each was excluded, and who was chosen, if anyone."""

    candidates: tuple[Candidate, ...]
    exclusions: Mapping[int, Exclusion]
    chosen: Candidate | None = None
    round_robin: RoundRobinResult | None = None


def select(
    candidates: Sequence[Candidate], policy: EligibilityPolicy, *, strategy: Strategy, seed: int
) -> Selection:
    """Return the same selection for the same input, whatever the order of the candidates."""
    ordered = tuple(sorted(candidates, key=lambda candidate: candidate.user_id))
    exclusions = {
        candidate.user_id: exclusion
        for candidate in ordered
        if (exclusion := why_excluded(candidate, policy)) is not None
    }
    eligible = [candidate for candidate in ordered if candidate.user_id not in exclusions]
    if not eligible:
        return Selection(ordered, exclusions)
    pick = strategy(eligible, seed)
    return Selection(ordered, exclusions, pick.candidate, pick.round_robin)


def after_assignment(
    candidates: Sequence[Candidate], result: RoundRobinResult, at: datetime
) -> list[Candidate]:
    """Return the pool as the next lead of a batch finds it."""
    return [
        candidate._replace(
            balance=result.after[candidate.user_id],
            open_count=candidate.open_count + (candidate.user_id == result.user_id),
            last_turn_at=at if candidate.user_id == result.user_id else candidate.last_turn_at,
        )
        if candidate.user_id in result.after
        else candidate
        for candidate in candidates
    ]
