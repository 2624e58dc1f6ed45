"""Decide who may get a lead now, and why the others may not."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Place(NamedTuple):
    """A lead among those that wait, the lowest first; `since` is in microseconds, as in SQL."""

    is_not_hot: int
    since: int
    lead_id: int


class Candidate(NamedTuple):
    """A person, in one of their teams, as they are at the moment of the decision.

    `awaited_by` is the place of the first lead that waits for the pool and may go to them.
    """

    user_id: int
    name: str
    team_id: int | None = None
    membership_id: int | None = None
    edition_id: int | None = None
    is_active: bool = True
    may_answer: bool = True
    is_absent: bool = False
    is_within_hours: bool = True
    open_count: int = 0
    capacity: int | None = None
    weight: int = 1
    balance: int = 0
    last_turn_at: datetime | None = None
    awaited_by: Place | None = None


class Exclusion(StrEnum):
    """The values are stored in decision traces and shown with them."""

    INACTIVE = "no longer active"
    MAY_NOT_ANSWER = "may not answer leads"
    ABSENT = "absent"
    DECLINED = "declined it or let it expire"
    HAD_IT = "had it before"
    OUTSIDE_HOURS = "outside working hours"
    AT_CAPACITY = "at capacity"
    AWAITED = "next for a lead that waits"


@dataclass(frozen=True, slots=True)
class EligibilityPolicy:
    """Exclusions apart from absence; the functions below make the policies.

    With a `place`, the lead does not go to those for whom another lead waits before it.
    """

    barred: frozenset[int] = frozenset()
    barred_because: Exclusion = Exclusion.HAD_IT
    requires_working_hours: bool = False
    checks_capacity: bool = True
    place: Place | None = None


def exclude_decliners(
    user_ids: Collection[int],
    *,
    requires_working_hours: bool,
    checks_capacity: bool,
    place: Place | None = None,
) -> EligibilityPolicy:
    """Return the policy of routing: not to people who rejected the lead or let it expire."""
    return EligibilityPolicy(
        frozenset(user_ids), Exclusion.DECLINED, requires_working_hours, checks_capacity, place
    )


def exclude_previous_owners(
    user_ids: Collection[int], *, requires_working_hours: bool = False, checks_capacity: bool = True
) -> EligibilityPolicy:
    """Return the policy of reassignment: not to people who ever had the lead."""
    return EligibilityPolicy(
        frozenset(user_ids), Exclusion.HAD_IT, requires_working_hours, checks_capacity
    )


def why_excluded(candidate: Candidate, policy: EligibilityPolicy) -> Exclusion | None:
    """Return the first reason why the candidate cannot get the lead, None if they can."""
    if not candidate.is_active:
        return Exclusion.INACTIVE
    if not candidate.may_answer:
        return Exclusion.MAY_NOT_ANSWER
    if candidate.is_absent:
        return Exclusion.ABSENT
    if candidate.user_id in policy.barred:
        return policy.barred_because
    if policy.requires_working_hours and not candidate.is_within_hours:
        return Exclusion.OUTSIDE_HOURS
    if policy.checks_capacity and is_at_capacity(candidate):
        return Exclusion.AT_CAPACITY
    if policy.place is not None and is_awaited(candidate, before=policy.place):
        return Exclusion.AWAITED
    return None


def is_awaited(candidate: Candidate, *, before: Place) -> bool:
    return candidate.awaited_by is not None and candidate.awaited_by < before


def is_at_capacity(candidate: Candidate) -> bool:
    return candidate.capacity is not None and candidate.open_count >= candidate.capacity
