"""All that one batch of escalations has to know, read once; and where each lead goes next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from handoff.configuration import configuration
from handoff.models import Escalation, Handoff, SlaClock
from handoff.sla.policy import policy_of
from handoff.sla.roster import Roster
from leads.changes import reserve_ids
from leads.configuration import NotConfigured
from people.models import Team

Step = Escalation.Step


@dataclass(frozen=True, slots=True)
class Destination:
    """A person of the pool, or the queue of last resort."""

    step: Step
    team_id: int
    edition_id: int | None
    manager_id: int | None
    owner_id: int | None = None
    queue_id: int | None = None


class Desk:
    """The leads and handoffs come locked; the turns are locked here, last in the house's order."""

    def __init__(
        self, late: Sequence[SlaClock], running: Sequence[SlaClock], *, at: datetime
    ) -> None:
        self._moving = {clock.handoff_id: clock for clock in reversed(late) if _may_move(clock)}
        handoffs = [clock.handoff for clock in self._moving.values()]
        self._running: dict[int, list[SlaClock]] = defaultdict(list)
        for clock in running:
            self._running[clock.handoff_id].append(clock)
        self._ids = iter(reserve_ids(Handoff, len(handoffs)))
        self._previous = _previous_owners(handoffs)
        self._last_queue_id = _last_queue_id()
        team_ids = {clock.handoff.team_id for clock in late} | {self._last_queue_id}
        self._teams = Team.objects.select_related("calendar").in_bulk(_known(team_ids))
        self.roster = Roster(_known(handoff.team_id for handoff in handoffs), at=at)

    def manager_of(self, team_id: int | None) -> int | None:
        team = self._teams.get(team_id) if team_id else None
        return team.manager_id if team else None

    def clocks_of(self, handoff: Handoff) -> list[SlaClock]:
        return self._running[handoff.pk]

    def next_id(self) -> int:
        return next(self._ids)

    def destination(self, clock: SlaClock) -> Destination | None:
        """The pool's next who never had it, else the last queue; None: it stays where it is."""
        handoff = clock.handoff
        if self._moving.get(handoff.pk) is not clock or self._is_in_last_queue(handoff):
            return None
        return self._next_person(clock) or self._last_queue()

    def _next_person(self, clock: SlaClock) -> Destination | None:
        handoff = clock.handoff
        if handoff.team_id is None or handoff.hop >= policy_of(handoff.policy_id).hop_limit:
            return None
        excluding = _known({*self._previous[handoff.lead_id], handoff.owner_id})
        seat = self.roster.take(handoff.team_id, excluding=excluding, seed=clock.pk)
        if seat is None:
            return None
        return Destination(
            step=Step.REASSIGN,
            team_id=handoff.team_id,
            edition_id=seat.edition_id,
            manager_id=self.manager_of(handoff.team_id),
            owner_id=seat.user_id,
        )

    def _last_queue(self) -> Destination | None:
        queue = self._teams.get(self._last_queue_id) if self._last_queue_id else None
        if queue is None:
            return None
        return Destination(
            step=Step.LAST_QUEUE,
            team_id=queue.pk,
            edition_id=queue.calendar.current_edition_id,
            manager_id=queue.manager_id,
            queue_id=queue.pk,
        )

    def _is_in_last_queue(self, handoff: Handoff) -> bool:
        return handoff.owner_id is None and handoff.queue_id == self._last_queue_id


def _may_move(clock: SlaClock) -> bool:
    return policy_of(clock.handoff.policy_id).pinned(clock.target_id).reassigns_on_breach


def _known(ids: Iterable[int | None]) -> set[int]:
    return {one for one in ids if one is not None}


def _previous_owners(handoffs: Sequence[Handoff]) -> dict[int, set[int]]:
    owners: dict[int, set[int]] = defaultdict(set)
    lead_ids = [handoff.lead_id for handoff in handoffs if handoff.previous_id is not None]
    if lead_ids:
        earlier = Handoff.objects.filter(lead__in=lead_ids).exclude(owner=None)
        for lead_id, owner_id in earlier.values_list("lead_id", "owner_id"):
            owners[lead_id].add(owner_id)
    return owners


def _last_queue_id() -> int | None:
    """The queue behind all rules; without published rules a late lead stays where it is."""
    try:
        return configuration.now().last_queue_id
    except NotConfigured:
        return None
