"""A year in the order of time: touches, answers of reps, completions, and SLA sweeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any, Final

from django.db.models import Min

from handoff.escalation.sweep import sweep
from handoff.models import Handoff, SlaClock
from handoff.models.answers import default_signals
from handoff.pipeline import Receipt, receive_many
from handoff.resurfacing import resurface_leads
from handoff.suppressed_requests import notify_of_suppressed_requests
from handoff.waiting import offer_waiting_leads
from intake.normalize import Vocabulary
from leads.configuration import configuration
from leads.models import Lead
from people.models import User
from tools.demo.agenda import Agenda
from tools.demo.arrivals import Arrival, first_touch, return_touch, touch_of
from tools.demo.marketing import Marketing
from tools.demo.organization import DemoOrganization
from tools.demo.prospects import Crowd, Prospect
from tools.demo.reps import OfferedLead, Reps, Work

# In history the sweep runs every 20 minutes, and only when a clock is due.
SWEEP_EVERY: Final = timedelta(minutes=20)


class Year:
    def __init__(self, people: DemoOrganization, crowd: Crowd, rng: Random, agenda: Agenda) -> None:
        self._agenda = agenda
        self._vocabulary = Vocabulary.of(configuration.now())
        self._reps = Reps(people, agenda, rng, returned=self._returned)
        self._marketing = Marketing(people, crowd, agenda, rng)
        self._prospects: dict[int, Prospect] = {}
        self._unattended: set[int] = set()
        self._newest_handoff = 0
        self._next_sweep: datetime | None = None

    def expect(self, arrivals: Iterable[Arrival]) -> None:
        """Put touches on the agenda; touches of one batch are received together."""
        batches: dict[str, list[Arrival]] = {}
        for arrival in arrivals:
            if arrival.batch:
                batches.setdefault(arrival.batch, []).append(arrival)
            else:
                self._agenda.add(arrival.at, partial(self._receive, [arrival]))
        for batch in batches.values():
            self._agenda.add(batch[0].at, partial(self._receive, batch))

    def _receive(self, arrivals: Sequence[Arrival], at: datetime) -> None:
        touches = [touch_of(arrival, self._vocabulary) for arrival in arrivals]
        receipts = receive_many(touches, at=at, via=arrivals[0].via)
        for arrival, receipt in zip(arrivals, receipts, strict=True):
            self._prospects.setdefault(receipt.lead_id, arrival.prospect)
            if receipt.is_new:
                self._marketing.on_new_lead(receipt.lead_id, arrival.prospect, at)
            if arrival.disqualified_at:
                suppress = partial(self._marketing.suppress, receipt.lead_id)
                self._agenda.add(arrival.disqualified_at, suppress)
            if receipt.handoff_id is not None:
                self._offered(arrival, receipt, at)
            elif arrival.fields["kind"] in default_signals() and not arrival.waits:
                self._reps.hear(receipt.lead_id, at)
        is_soon = self._next_sweep is not None and self._next_sweep <= at + SWEEP_EVERY
        if not is_soon and any(receipt.handoff_id is not None for receipt in receipts):
            self._plan_sweep(at)

    def _offered(self, arrival: Arrival, receipt: Receipt, at: datetime) -> None:
        assert receipt.handoff_id is not None, "the caller checked"
        self._newest_handoff = max(self._newest_handoff, receipt.handoff_id)
        prospect = self._prospects[receipt.lead_id]
        offer = OfferedLead(receipt.handoff_id, receipt.lead_id, prospect, receipt.owner_id)
        if not arrival.waits:
            self._reps.schedule(offer, at)
        elif arrival.accepted_at:
            self._reps.accept_at(arrival.accepted_at, offer)
            if arrival.contacted_at:
                self._reps.contact_at(arrival.contacted_at, receipt.handoff_id)
        else:
            self._unattended.add(receipt.lead_id)

    def _returned(self, work: Work, at: datetime) -> None:
        self._marketing.on_returned_lead(work, at, self.expect, self._follow_new_offers)

    def cover(self, absentee: User, at: datetime) -> None:
        """Reassign the unanswered leads of an absent rep on the first day of the absence."""
        self._reps.reassign_leads_of(absentee, at)
        self._follow_new_offers(at)

    def reassign_a_lead(self, at: datetime) -> None:
        if self._reps.reassign_a_lead(at):
            self._follow_new_offers(at)
        else:
            self._agenda.add(at + timedelta(hours=1), self.reassign_a_lead)

    def set_a_date(self, at: datetime) -> None:
        """Let marketing nurture a lead until a day after the load."""
        if lead := self._lead(at, handoffs=None):
            self._marketing.set_a_date(lead, at)

    def receive_an_older_touch(self, at: datetime) -> None:
        """Receive a touch from before the opening of its lead, as from a list of attendees."""
        if lead := self._lead(at):
            moment = lead.opened_at - timedelta(days=3)
            touch = return_touch(self._prospects[lead.pk], "content_download", moment)
            self._receive([replace(touch, via="csv")], at)

    def receive_a_colleague(self, at: datetime) -> None:
        """Receive a request of a colleague of a contact whose lead is with a rep."""
        if lead := self._lead(at, owner__isnull=False, company__owner=None):
            colleague = self._marketing.colleague_of(self._prospects[lead.pk])
            self._receive([first_touch(colleague, at)], at)

    def _lead(self, at: datetime, **where: Any) -> Lead | None:
        """Return the newest open lead; a small demo may have none."""
        leads = Lead.objects.open().filter(opened_at__lt=at, pk__in=self._prospects, **where)
        return leads.exclude(pk__in=self._unattended).order_by("opened_at", "pk").last()

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
        if sweep(at=at) + offer_waiting_leads(at=at):
            self._follow_new_offers(at)
        self._plan_sweep(at)

    def resurface(self, at: datetime) -> None:
        if resurface_leads(at=at):
            self._follow_new_offers(at)

    def notify_marketing(self, at: datetime) -> None:
        notify_of_suppressed_requests(at=at)

    def release(self, at: datetime) -> None:
        if self._marketing.release(at):
            self._follow_new_offers(at)

    def _follow_new_offers(self, at: datetime) -> None:
        """Schedule the answers to offers that did not come directly from a touch."""
        new = Handoff.objects.filter(pk__gt=self._newest_handoff).order_by("pk")
        for handoff_id, previous_id, owner_id, lead_id in new.values_list(
            "pk", "previous_id", "owner_id", "lead_id"
        ):
            self._newest_handoff = handoff_id
            if previous_id is not None:
                self._reps.drop(previous_id)
            if lead_id not in self._unattended:
                offer = OfferedLead(handoff_id, lead_id, self._prospects[lead_id], owner_id)
                self._reps.schedule(offer, at)
