"""A year in the order of time: touches come in, sellers act, marketing repairs, the sweep runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Final

from django.db.models import Min

from config.demo.agenda import Agenda
from config.demo.arrivals import Arrival, first_touch, touch_of
from config.demo.flows import Verdict
from config.demo.organisation import Organisation
from config.demo.prospects import Crowd, Prospect
from config.demo.sellers import Sellers
from handoff.models import Handoff, SlaClock
from handoff.pipeline import Receipt, receive_many
from handoff.sla.sweep import sweep
from intake.normalise import Vocabulary
from leads.configuration import configuration

# In history the sweep looks every twenty minutes, and only when a clock is due.
SWEEP_EVERY: Final = timedelta(minutes=20)
REPAIRED: Final = 0.7


class Year:
    def __init__(self, people: Organisation, crowd: Crowd, rng: Random, agenda: Agenda) -> None:
        self._people = people
        self._crowd = crowd
        self._rng = rng
        self._agenda = agenda
        self._known = Vocabulary.of(configuration.now())
        self._sellers = Sellers(people, agenda, rng, returned=self._repair)
        self._prospects: dict[int, Prospect] = {}
        self._newest_handoff = 0
        self._next_sweep: datetime | None = None

    def expect(self, arrivals: Iterable[Arrival]) -> None:
        """Put touches on the agenda; what belongs to one batch comes in together."""
        batches: dict[str, list[Arrival]] = {}
        for arrival in arrivals:
            if arrival.batch:
                batches.setdefault(arrival.batch, []).append(arrival)
            else:
                self._agenda.add(arrival.at, partial(self._take_in, [arrival]))
        for batch in batches.values():
            self._agenda.add(batch[0].at, partial(self._take_in, batch))

    def _take_in(self, arrivals: Sequence[Arrival], at: datetime) -> None:
        touches = [touch_of(arrival, self._known) for arrival in arrivals]
        receipts = receive_many(touches, at=at, via=arrivals[0].via)
        for arrival, receipt in zip(arrivals, receipts, strict=True):
            self._prospects.setdefault(receipt.lead_id, arrival.prospect)
            if receipt.handoff_id is not None:
                self._offered(arrival, receipt, at)
        if any(receipt.handoff_id is not None for receipt in receipts):
            self._plan_sweep(at)

    def _offered(self, arrival: Arrival, receipt: Receipt, at: datetime) -> None:
        assert receipt.handoff_id is not None, "the caller looked"
        self._newest_handoff = max(self._newest_handoff, receipt.handoff_id)
        prospect = self._prospects[receipt.lead_id]
        if not arrival.waits:
            self._sellers.take_on(receipt.handoff_id, prospect, receipt.owner_id, at)
        elif arrival.accepted_at and receipt.owner_id:
            self._sellers.accept_at(
                arrival.accepted_at, receipt.handoff_id, prospect, receipt.owner_id
            )

    def _repair(self, prospect: Prospect, at: datetime) -> None:
        """Marketing completes what came back, or finds somebody else at the company."""
        if self._rng.random() > REPAIRED:
            return
        verdict = Verdict.QUALIFIES if self._rng.random() < 0.5 else Verdict.BAD_TIMING
        moment = at + timedelta(hours=self._rng.uniform(5, 90))
        if prospect.verdict is Verdict.NO_AUTHORITY:
            prospect = self._crowd.colleague(prospect, verdict)
        else:
            prospect.verdict = verdict
        prospect.told |= prospect.withheld
        prospect.withheld.clear()
        arrival = first_touch(prospect, moment)
        fields = {**arrival.fields, "why": "Sent again: marketing has completed it."}
        self.expect([Arrival(moment, prospect, fields, "marketing")])

    def _plan_sweep(self, at: datetime) -> None:
        running = SlaClock.objects.filter(stopped_at=None, next_action_at__isnull=False)
        due = running.aggregate(due=Min("next_action_at"))["due"]
        if due is None:
            return
        moment = max(due, at) + SWEEP_EVERY
        moment -= timedelta(minutes=moment.minute % 20, seconds=moment.second)
        if self._next_sweep is None or moment < self._next_sweep:
            self._next_sweep = moment
            self._agenda.add(moment, self.sweep)

    def sweep(self, at: datetime) -> None:
        if at == self._next_sweep:
            self._next_sweep = None
        if sweep(at=at):
            self._follow_reassignments(at)
        self._plan_sweep(at)

    def _follow_reassignments(self, at: datetime) -> None:
        given_on = Handoff.objects.filter(pk__gt=self._newest_handoff).order_by("pk")
        for handoff_id, previous_id, owner_id, lead_id in given_on.values_list(
            "pk", "previous_id", "owner_id", "lead_id"
        ):
            self._newest_handoff = handoff_id
            self._sellers.give_up(previous_id)
            self._sellers.take_on(handoff_id, self._prospects[lead_id], owner_id, at)
