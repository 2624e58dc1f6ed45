"""Read candidates, pools under lock, so that two leads at once never take one position."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from core.permissions import Right
from core.unit_of_work import UnitOfWork
from handoff.assignment.eligibility import Candidate, Place
from handoff.assignment.engine import Selection, after_assignment
from handoff.assignment.waiting_order import FIRST_WAITING
from handoff.workload import open_handoffs
from people.availability import AlsoRead, Availability, availability, availability_of, editions_of
from people.models import Absence, Membership, User


class PoolAssigner:
    """The pools of one transaction, locked once; a batch of leads is assigned in memory.

    A named person who is in several teams gets a lead in the first of `preferred_team_ids`.
    Without `locks`, the pools are only read, for decisions that are not written. Whoever takes the
    leads that wait in their order needs no `waiting_order` of the candidates.
    """

    def __init__(
        self,
        at: datetime,
        *,
        preferred_team_ids: Collection[int] = (),
        locks: bool = True,
        waiting_order: AlsoRead = FIRST_WAITING,
    ) -> None:
        self._at = at
        self._locks = locks
        self._waiting_order = waiting_order
        self._preferred_team_ids = preferred_team_ids
        self._pools: dict[int, list[Candidate]] = {}
        self._teams_of: dict[int, set[int]] = defaultdict(set)
        self._persons: dict[int, list[Candidate]] = {}

    def read(self, team_ids: Collection[int]) -> None:
        members = availability(team_ids, at=self._at, lock=self._locks, also=self._waiting_order)
        # A statement of its own, after the lock: one that waited would show the old load.
        load = open_handoffs({row.user_id for row in members if row.capacity is not None})
        pools = defaultdict[int, list[Candidate]](list)
        for row in members:
            pools[row.team_id].append(_candidate(row, at=self._at, open_count=load[row.user_id]))
            self._teams_of[row.user_id].add(row.team_id)
        self._pools |= {team_id: pools[team_id] for team_id in team_ids}

    def pool(self, team_id: int) -> Sequence[Candidate]:
        if team_id not in self._pools:
            self.read([team_id])
        return self._pools[team_id]

    def person(self, user_id: int) -> Sequence[Candidate]:
        """Return the person as the only candidate, or nobody if they are in no team."""
        if user_id not in self._persons:
            row = availability_of(user_id, at=self._at, preferred_team_ids=self._preferred_team_ids)
            self._persons[user_id] = [_candidate(row, at=self._at)] if row else []
        return self._persons[user_id]

    def record(self, work: UnitOfWork, selection: Selection) -> None:
        """Write the balances of a round robin and hold them for the next lead of the batch."""
        chosen, result = selection.chosen, selection.round_robin
        if chosen is None or chosen.team_id is None or result is None:
            return
        self._pools[chosen.team_id] = after_assignment(self.pool(chosen.team_id), result, self._at)
        for candidate in self._pools[chosen.team_id]:
            if candidate.user_id in result.after:
                assert candidate.membership_id is not None, "a pool consists of members"
                work.update(
                    Membership,
                    candidate.membership_id,
                    balance=candidate.balance,
                    last_turn_at=candidate.last_turn_at,
                )
        for team_id in self._teams_of[chosen.user_id] - {chosen.team_id}:
            self._pools[team_id] = [
                _with_one_more(candidate, chosen.user_id) for candidate in self._pools[team_id]
            ]


def candidate_from_user(user: User, *, at: datetime) -> Candidate:
    """Read somebody whom a manager names; unlike a rule's, they may be in no team."""
    return Candidate(
        user_id=user.pk,
        name=str(user),
        edition_id=editions_of({user.pk}).get(user.pk),
        is_active=user.is_active,
        may_answer=Right.ANSWER_HANDOFFS in user.rights,
        is_absent=Absence.objects.at(at).filter(user=user).exists(),
    )


def _candidate(row: Availability, *, at: datetime, open_count: int = 0) -> Candidate:
    return Candidate(
        user_id=row.user_id,
        name=row.name,
        team_id=row.team_id,
        membership_id=row.membership_id,
        edition_id=row.edition_id,
        is_active=row.is_active,
        may_answer=row.may_answer,
        is_absent=row.is_absent,
        is_within_hours=row.is_working(at),
        open_count=open_count,
        capacity=row.capacity,
        weight=row.weight,
        balance=row.balance,
        last_turn_at=row.last_turn_at,
        awaited_by=Place(*row.also) if row.also else None,
    )


def _with_one_more(candidate: Candidate, user_id: int) -> Candidate:
    """Count a lead in the other pools of whoever got it."""
    if candidate.user_id != user_id:
        return candidate
    return candidate._replace(open_count=candidate.open_count + 1)
