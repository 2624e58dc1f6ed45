"""The people behind a rule: read under lock, so that two leads at once never take one turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Count

from core.unit_of_work import UnitOfWork
from handoff.assignment.round_robin import Turn
from handoff.models import Handoff
from handoff.routing.engine import with_turn
from handoff.routing.specs import Candidate, RouteTarget, RuleSpec
from people.availability import Availability, availability, availability_of
from people.models import Membership


class Pools:
    """The pools that one transaction asks for; a batch of leads takes its turns in memory.

    Somebody named who sits in several teams gets a lead in the first of `team_ids`.
    """

    def __init__(self, at: datetime, team_ids: Collection[int]) -> None:
        self.at = at
        self._team_ids = team_ids
        self.editions: dict[int, int | None] = {}
        self._pools: dict[int, list[Candidate]] = {}
        self._persons: dict[int, list[Candidate]] = {}
        self._membership_ids: dict[tuple[int, int], int] = {}

    def people_of(
        self, rule: RuleSpec, *, account_owner_id: int | None, declined: Collection[int] = ()
    ) -> Sequence[Candidate]:
        """Candidates of a rule; `declined` are those who said no to this lead or let it lapse."""
        if rule.target is RouteTarget.POOL and rule.team_id is not None:
            people = self._pool(rule.team_id)
        else:
            user_id = rule.user_id if rule.target is RouteTarget.PERSON else account_owner_id
            people = self._person(user_id) if user_id is not None else []
        if not declined:
            return people
        return [replace(one, has_declined=one.user_id in declined) for one in people]

    def record_turn(self, work: UnitOfWork, team_id: int, turn: Turn) -> None:
        """Write the balances of a turn and hold them for the next lead of the batch."""
        self._pools[team_id] = with_turn(self._pools[team_id], turn, self.at)
        for user_id, balance in turn.after.items():
            work.update(Membership, self._membership_ids[team_id, user_id], balance=balance)
        chosen = self._membership_ids[team_id, turn.user_id]
        work.update(Membership, chosen, last_turn_at=self.at)

    def _pool(self, team_id: int) -> list[Candidate]:
        if team_id not in self._pools:
            found = availability([team_id], at=self.at, lock=True)
            # A statement of its own, after the lock: one that waited would show the old load.
            load = open_handoffs({one.user_id for one in found if one.capacity is not None})
            self._pools[team_id] = [self._candidate(one, load) for one in found]
        return self._pools[team_id]

    def _person(self, user_id: int) -> list[Candidate]:
        """Somebody named by a rule or an account; capacity is a pool's matter, not theirs."""
        if user_id not in self._persons:
            found = availability_of(user_id, at=self.at, preferred_team_ids=self._team_ids)
            named = replace(self._candidate(found, Counter()), capacity=None) if found else None
            self._persons[user_id] = [named] if named else []
        return self._persons[user_id]

    def _candidate(self, member: Availability, load: Counter[int]) -> Candidate:
        self.editions[member.user_id] = member.edition_id
        self._membership_ids[member.team_id, member.user_id] = member.membership_id
        return Candidate(
            user_id=member.user_id,
            name=member.name,
            team_id=member.team_id,
            is_active=member.is_active,
            may_answer=member.may_answer,
            is_absent=member.is_absent,
            is_within_hours=member.is_working(self.at),
            open_count=load[member.user_id],
            capacity=member.capacity,
            weight=member.weight,
            balance=member.balance,
            last_turn_at=member.last_turn_at,
        )


def open_handoffs(user_ids: Collection[int]) -> Counter[int]:
    """How many open handoffs each of them has."""
    if not user_ids:
        return Counter()
    rows = Handoff.objects.open().filter(owner__in=user_ids).values_list("owner")
    return Counter(dict(rows.annotate(Count("pk"))))
