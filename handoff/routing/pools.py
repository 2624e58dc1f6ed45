"""The people behind a rule: read under lock, so that two leads at once never take one turn."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from handoff.models import Handoff
from handoff.routing.engine import with_turn
from handoff.routing.rules import Candidate, Rule, Target
from handoff.routing.turns import Turn
from leads.changes import Changes
from people.availability import is_working, memberships_at
from people.models import Membership, User


class Pools:
    """The pools that one transaction asks for; a batch of leads takes its turns in memory."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.editions: dict[int, int | None] = {}
        self._pools: dict[int, list[Candidate]] = {}
        self._persons: dict[int, list[Candidate]] = {}
        self._membership_ids: dict[tuple[int, int], int] = {}

    def people_of(
        self, rule: Rule, *, account_owner_id: int | None, declined: Collection[int] = ()
    ) -> Sequence[Candidate]:
        """Candidates of a rule; `declined` are those who said no to this lead or let it lapse."""
        if rule.target is Target.POOL and rule.team_id is not None:
            people = self._pool(rule.team_id)
        else:
            user_id = rule.user_id if rule.target is Target.PERSON else account_owner_id
            people = self._person(user_id) if user_id is not None else []
        if not declined:
            return people
        return [replace(one, has_declined=one.user_id in declined) for one in people]

    def record_turn(self, changes: Changes, team_id: int, turn: Turn) -> None:
        """Write the balances of a turn and hold them for the next lead of the batch."""
        self._pools[team_id] = with_turn(self._pools[team_id], turn, self.at)
        for user_id, balance in turn.after.items():
            changes.update(Membership, self._membership_ids[team_id, user_id], balance=balance)
        chosen = self._membership_ids[team_id, turn.user_id]
        changes.update(Membership, chosen, last_turn_at=self.at)

    def _pool(self, team_id: int) -> list[Candidate]:
        if team_id not in self._pools:
            members = Membership.objects.filter(team=team_id).order_by("pk")
            # Lock first and read after: a read that waited would still show the old load.
            list(members.select_for_update(no_key=True).values_list("pk"))
            found = [*self._members(memberships_at(self.at).filter(team=team_id).order_by("pk"))]
            self._pools[team_id] = [self._candidate(member) for member in found]
        return self._pools[team_id]

    def _person(self, user_id: int) -> list[Candidate]:
        """Somebody named by a rule or an account; capacity is a pool's matter, not theirs."""
        if user_id not in self._persons:
            found = self._members(memberships_at(self.at).filter(user=user_id).order_by("pk"))
            member = next(iter(found), None)
            candidate = self._candidate(member) if member else stranger(user_id)
            self._persons[user_id] = [replace(candidate, capacity=None)] if candidate else []
        return self._persons[user_id]

    def _members(self, memberships: QuerySet[Membership]) -> QuerySet[Membership]:
        load = (
            Handoff.objects.open()
            .filter(owner=OuterRef("user"))
            .order_by()
            .values("owner")
            .annotate(count=Count("pk"))
            .values("count")
        )
        return memberships.select_related("user").annotate(open_count=Coalesce(Subquery(load), 0))

    def _candidate(self, member: Membership) -> Candidate:
        edition_id = getattr(member, "edition_id", None)
        self.editions[member.user_id] = edition_id
        self._membership_ids[member.team_id, member.user_id] = member.pk
        return Candidate(
            user_id=member.user_id,
            name=str(member.user),
            is_active=member.user.is_active,
            is_absent=member.user.is_active and not getattr(member, "is_available", False),
            is_within_hours=is_working(edition_id, self.at),
            open_count=getattr(member, "open_count", 0),
            capacity=member.capacity,
            weight=member.weight,
            balance=member.balance,
            last_turn_at=member.last_turn_at,
        )


def stranger(user_id: int) -> Candidate | None:
    """Somebody who is in no team."""
    user = User.objects.filter(pk=user_id).first()
    return Candidate(user_id, str(user), is_active=user.is_active) if user else None
