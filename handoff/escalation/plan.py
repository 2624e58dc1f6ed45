"""Read once what a batch of escalations needs, and choose where each late lead goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Func, Model, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from core.unit_of_work import UnitOfWork
from handoff.assignment import engine as assignment
from handoff.assignment.eligibility import exclude_previous_owners
from handoff.assignment.engine import Selection
from handoff.assignment.pools import PoolAssigner
from handoff.assignment.strategies import weighted_round_robin
from handoff.configuration import HandoffConfiguration, configuration
from handoff.escalation.decision import build_decision
from handoff.escalation_steps import LAST_QUEUE, REASSIGN, EscalationStep
from handoff.models import Handoff, RoutingDecision, SlaClock
from handoff.routing.engine import Decision
from handoff.sla.policy import policy_of
from leads.configuration import NotConfigured
from leads.models import Lead
from people.availability import NOTHING_ELSE
from people.models import Team, User


class Reassignment(NamedTuple):
    """Reserved ids for the next handoff of a lead and its decision, and what limits the choice.

    `requires_working_hours` comes from the last rule that routed the lead, because no rule is
    evaluated when it is reassigned.
    """

    handoff_id: int
    decision_id: int
    owner_ids: list[int]
    answerer_ids: list[int]
    requires_working_hours: bool


@dataclass(frozen=True, slots=True)
class Destination:
    """A member of the pool or the last queue, and the decision that says why."""

    step: EscalationStep
    edition_id: int | None
    manager_id: int | None
    decision: Decision
    rule_set_id: int

    @property
    def owner_id(self) -> int | None:
        return self.decision.user_id


class EscalationPlan:
    """Leads and handoffs come locked; pools are locked here, last in the lock order."""

    def __init__(
        self,
        work: UnitOfWork,
        late: Sequence[SlaClock],
        running: Sequence[SlaClock],
        *,
        at: datetime,
    ) -> None:
        self._work = work
        self._moving = {clock.handoff_id: clock for clock in reversed(late) if _may_move(clock)}
        handoffs = [clock.handoff for clock in self._moving.values()]
        self._running: dict[int, list[SlaClock]] = defaultdict(list)
        for clock in running:
            self._running[clock.handoff_id].append(clock)
        self._reassignments = _reassignments([handoff.lead_id for handoff in handoffs])
        self._rules = _published_rules()
        self._last_queue_id = self._rules.last_queue_id if self._rules else None
        team_ids = {clock.handoff.team_id for clock in late} | {self._last_queue_id}
        self._teams = Team.objects.select_related("calendar").in_bulk(_known(team_ids))
        owners = User.objects.only("name", "email")
        self._owners = owners.in_bulk(_known(handoff.owner_id for handoff in handoffs))
        # The choice for a late lead does not depend on leads that wait.
        self._pools = PoolAssigner(at, waiting_order=NOTHING_ELSE)
        self._pools.read(_known(handoff.team_id for handoff in handoffs))

    def team_of(self, handoff: Handoff) -> Team | None:
        return self._teams.get(handoff.team_id or 0)

    def clocks_of(self, handoff: Handoff) -> list[SlaClock]:
        return self._running[handoff.pk]

    def reassignment_of(self, handoff: Handoff) -> Reassignment:
        return self._reassignments[handoff.lead_id]

    def destination(self, clock: SlaClock) -> Destination | None:
        """Return the next pool member who never had the lead, else the last queue.

        None: the lead stays where it is.
        """
        handoff, rules = clock.handoff, self._rules
        if self._moving.get(handoff.pk) is not clock or self._is_in_last_queue(handoff):
            return None
        if rules is None:
            return None
        pool, selection = self.team_of(handoff), self._select_from_pool(clock)
        if pool and selection and selection.chosen:
            step, to, edition_id = REASSIGN, pool, selection.chosen.edition_id
            self._pools.record(self._work, selection)
        else:
            step, to = LAST_QUEUE, self._teams[rules.last_queue_id]
            edition_id = to.calendar.current_edition_id
        decision = build_decision(
            clock,
            self._owners.get(handoff.owner_id or 0),
            pool,
            selection,
            to,
            version=rules.rule_set.version,
        )
        return Destination(step, edition_id, to.manager_id, decision, rules.rule_set_id)

    def _select_from_pool(self, clock: SlaClock) -> Selection | None:
        handoff = clock.handoff
        if handoff.team_id is None or handoff.hop >= policy_of(handoff.policy_id).hop_limit:
            return None
        reassignment = self.reassignment_of(handoff)
        return assignment.select(
            self._pools.pool(handoff.team_id),
            exclude_previous_owners(
                [*reassignment.owner_ids, *reassignment.answerer_ids],
                requires_working_hours=reassignment.requires_working_hours,
            ),
            strategy=weighted_round_robin,
            seed=clock.pk,
        )

    def _is_in_last_queue(self, handoff: Handoff) -> bool:
        return handoff.owner_id is None and handoff.queue_id == self._last_queue_id


def _may_move(clock: SlaClock) -> bool:
    return policy_of(clock.handoff.policy_id).pinned(clock.target_id).reassigns_on_breach


def _known(ids: Iterable[int | None]) -> set[int]:
    return {value for value in ids if value is not None}


def _reassignments(lead_ids: Sequence[int]) -> dict[int, Reassignment]:
    """Read what each lead needs to be reassigned; the leads are locked, so nobody gets one now."""
    handoffs = Handoff.objects.filter(lead=OuterRef("pk"))
    routed = RoutingDecision.objects.filter(lead=OuterRef("pk")).exclude(rule=None)
    rows = Lead.objects.filter(pk__in=lead_ids).values_list(
        "pk",
        _next_id(Handoff),
        _next_id(RoutingDecision),
        ArraySubquery(handoffs.exclude(owner=None).values("owner")),
        ArraySubquery(handoffs.exclude(answered_by=None).values("answered_by")),
        Coalesce(
            Subquery(routed.order_by("-pk").values("rule__requires_working_hours")[:1]),
            Value(False),
        ),
    )
    return {lead_id: Reassignment(*columns) for lead_id, *columns in rows}


def _next_id(model: type[Model]) -> Func:
    sequence = Func(Value(model._meta.db_table), Value("id"), function="pg_get_serial_sequence")
    return Func(sequence, function="nextval", output_field=BigIntegerField())


def _published_rules() -> HandoffConfiguration | None:
    """Without published rules, and a queue behind them, a late lead stays where it is."""
    try:
        return configuration.now()
    except NotConfigured:
        return None
