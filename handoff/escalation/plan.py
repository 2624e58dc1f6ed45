"""All that one batch of escalations has to know, read once; and where each lead goes next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.db import connection

from handoff.assignment.roster import Asked, Roster
from handoff.configuration import HandoffConfiguration, configuration
from handoff.escalation.decision import decision_on
from handoff.models import Escalation, Handoff, SlaClock
from handoff.routing.engine import Decision
from handoff.sla.policy import policy_of
from leads.configuration import NotConfigured
from people.models import Team

Step = Escalation.Step

# Of leads under lock, so that nobody gets one meanwhile.
MOVES: Final = """
    SELECT moving.lead_id,
        nextval('handoff_handoff_id_seq'), nextval('handoff_routingdecision_id_seq'),
        ARRAY(
            SELECT who FROM handoff_handoff, unnest(ARRAY[owner_id, answered_by_id]) AS who
            WHERE lead_id = moving.lead_id AND who IS NOT NULL
        ),
        COALESCE((
            SELECT rule.requires_working_hours FROM handoff_routingdecision AS decision
            JOIN handoff_routingrule AS rule ON rule.id = decision.rule_id
            WHERE decision.lead_id = moving.lead_id ORDER BY decision.id DESC LIMIT 1
        ), false)
    FROM unnest(%s::bigint[]) AS moving(lead_id)
"""


class Move(NamedTuple):
    """Ids for the handoff that may follow and its decision, and who cannot be the one to get it.

    `requires_working_hours` comes from the last rule that routed the lead: passing it on asks none.
    """

    handoff_id: int
    decision_id: int
    who_had_it: list[int]
    requires_working_hours: bool


@dataclass(frozen=True, slots=True)
class Destination:
    """A person of the pool, or the queue of last resort, and the decision that says why."""

    step: Step
    edition_id: int | None
    manager_id: int | None
    decision: Decision
    rule_set_id: int

    @property
    def owner_id(self) -> int | None:
        return self.decision.user_id


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
        self._moves = _moves([handoff.lead_id for handoff in handoffs])
        self._rules = _rules()
        self._last_queue_id = self._rules.last_queue_id if self._rules else None
        team_ids = {clock.handoff.team_id for clock in late} | {self._last_queue_id}
        self._teams = Team.objects.select_related("calendar").in_bulk(_known(team_ids))
        self.roster = Roster(_known(handoff.team_id for handoff in handoffs), at=at)

    def team_of(self, handoff: Handoff) -> Team | None:
        return self._teams.get(handoff.team_id or 0)

    def clocks_of(self, handoff: Handoff) -> list[SlaClock]:
        return self._running[handoff.pk]

    def move_of(self, handoff: Handoff) -> Move:
        return self._moves[handoff.lead_id]

    def destination(self, clock: SlaClock) -> Destination | None:
        """The pool's next who never had it, else the last queue; None: it stays where it is."""
        handoff, rules = clock.handoff, self._rules
        if self._moving.get(handoff.pk) is not clock or self._is_in_last_queue(handoff):
            return None
        if rules is None:
            return None
        pool, asked = self.team_of(handoff), self._ask_pool(clock)
        if pool and asked and asked.seat:
            step, to, edition_id = Step.REASSIGN, pool, asked.seat.edition_id
        else:
            step, to = Step.LAST_QUEUE, self._teams[rules.last_queue_id]
            edition_id = to.calendar.current_edition_id
        decision = decision_on(clock, pool, asked, to, version=rules.rule_set.version)
        return Destination(step, edition_id, to.manager_id, decision, rules.rule_set_id)

    def _ask_pool(self, clock: SlaClock) -> Asked | None:
        handoff = clock.handoff
        if handoff.team_id is None or handoff.hop >= policy_of(handoff.policy_id).hop_limit:
            return None
        move = self.move_of(handoff)
        return self.roster.ask(
            handoff.team_id,
            who_had_it=move.who_had_it,
            requires_working_hours=move.requires_working_hours,
            seed=clock.pk,
        )

    def _is_in_last_queue(self, handoff: Handoff) -> bool:
        return handoff.owner_id is None and handoff.queue_id == self._last_queue_id


def _may_move(clock: SlaClock) -> bool:
    return policy_of(clock.handoff.policy_id).pinned(clock.target_id).reassigns_on_breach


def _known(ids: Iterable[int | None]) -> set[int]:
    return {one for one in ids if one is not None}


def _moves(lead_ids: Sequence[int]) -> dict[int, Move]:
    with connection.cursor() as cursor:
        cursor.execute(MOVES, [list(lead_ids)])
        return {lead_id: Move(*rest) for lead_id, *rest in cursor.fetchall()}


def _rules() -> HandoffConfiguration | None:
    """Without published rules, and a queue behind them, a late lead stays where it is."""
    try:
        return configuration.now()
    except NotConfigured:
        return None
