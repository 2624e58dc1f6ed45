"""The state that several leads share while they are routed in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.unit_of_work import UnitOfWork
from handoff.assignment.history import decliners_of
from handoff.assignment.pools import PoolAssigner
from handoff.configuration import HandoffConfiguration
from handoff.configuration import configuration as handoff_configuration
from handoff.locking import Held
from handoff.models import Handoff
from handoff.routing import engine
from leads.configuration import LeadConfiguration
from leads.configuration import configuration as lead_configuration
from leads.models import Lead
from people.models import User


@dataclass(slots=True)
class IntakeRun:
    """State that all touches of a transaction share.

    `decliners` are user ids by lead id, `held` the leads with new requests that sales has,
    `departed` the handoffs taken from owners who are gone, `of_other_temperature` the leads with
    another temperature, `warmer` those of them whose owner is told, by touch id, `live` the leads
    that history does not change, and `taker` the rep who takes the lead that a touch opens.
    """

    at: datetime
    work: UnitOfWork
    leads: LeadConfiguration
    handoff: HandoffConfiguration
    decliners: Mapping[int, Collection[int]] = field(default_factory=dict)
    held: Mapping[int, Held] = field(default_factory=dict)
    departed: dict[User, list[Handoff]] = field(default_factory=dict)
    of_other_temperature: list[Lead] = field(default_factory=list)
    warmer: dict[int, Lead] = field(default_factory=dict)
    live: Collection[int] = ()
    taker: User | None = None
    pools: PoolAssigner = field(init=False)

    def __post_init__(self) -> None:
        self.pools = PoolAssigner(self.at, preferred_team_ids=self.handoff.rule_set.team_ids)

    @classmethod
    def on_leads(cls, lead_ids: Collection[int], *, at: datetime) -> IntakeRun:
        """Return a run for leads that are routed without a touch."""
        return cls(
            at,
            UnitOfWork(),
            lead_configuration.now(),
            handoff_configuration.now(),
            decliners_of(lead_ids),
        )

    def edition_of(self, decision: engine.Decision) -> int | None:
        """Return the calendar that clocks count on: the owner's, else the team's."""
        if decision.owner is not None:
            return decision.owner.edition_id
        return self.handoff.team_editions.get(decision.team_id or 0)
