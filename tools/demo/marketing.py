"""The marketers of the demo: they finish context cards and complete returned leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Final

from core.days import day_of
from handoff.answers.complete import complete_and_reoffer
from handoff.marketing_actions import NotWithMarketing, disqualify, release, set_wake_date
from handoff.suppression import asking_leads
from leads.context_card import LeadClosed, edit_card
from leads.models import Lead
from leads.normalization.identity import Phone
from people.calendars import value_of
from people.models import User
from tools.demo import words
from tools.demo.agenda import Agenda
from tools.demo.arrivals import BRIEF_OF, Arrival, first_touch
from tools.demo.flows import Verdict
from tools.demo.organization import DemoOrganization
from tools.demo.prospects import Crowd, Prospect
from tools.demo.reps import MISSING, Work

RELEASED_LEADS: Final = 2
COMPLETION_RATE: Final = 0.7
FINISHED_CARD_RATES: Final = {"erp-partners": 0.5, "planning-advice": 0.3, "quote-page": 0.2}
Expect = Callable[[Iterable[Arrival]], None]
Follow = Callable[[datetime], None]


class Marketing:
    def __init__(self, people: DemoOrganization, crowd: Crowd, agenda: Agenda, rng: Random) -> None:
        self._people = people
        self._crowd = crowd
        self._agenda = agenda
        self._rng = rng
        self._marketers = people.marketers()

    def on_new_lead(self, lead_id: int, prospect: Prospect, at: datetime) -> None:
        """Finish some of the cards by hand, within 15 minutes of working time."""
        if self._rng.random() < FINISHED_CARD_RATES.get(prospect.flow.campaign, 0):
            marketer = self._rng.choice(self._marketers)
            calendar = value_of(self._people.editions[marketer.pk])
            moment = calendar.add(at, timedelta(minutes=self._rng.randint(2, 15)))
            self._agenda.add(moment, partial(self._finish_card, lead_id, prospect, marketer))

    def on_returned_lead(self, work: Work, at: datetime, expect: Expect, follow: Follow) -> None:
        """Complete the lead, or find another contact of the company."""
        if self._rng.random() > COMPLETION_RATE:
            return
        verdict = Verdict.QUALIFIES if self._rng.random() < 0.5 else Verdict.BAD_TIMING
        moment = at + timedelta(hours=self._rng.uniform(5, 90))
        if work.prospect.verdict is Verdict.NO_AUTHORITY:
            colleague = self._crowd.colleague(work.prospect, verdict)
            expect([replace(first_touch(colleague, moment), via="marketing")])
        else:
            self._agenda.add(moment, partial(self._complete, work, verdict, follow))

    def suppress(self, lead_id: int, at: datetime) -> None:
        disqualify(lead_id=lead_id, reason_code="not_icp", by=self._marketers[0], at=at)

    def release(self, at: datetime) -> int:
        """Release those who have asked for sales for the longest time; return how many."""
        asking = asking_leads(Lead.objects.exclude(contact__consent=False)).order_by("opened_at")
        leads = list(asking[:RELEASED_LEADS])
        for lead in leads:
            release(lead_id=lead.pk, why=words.RELEASE_NOTE, by=self._marketers[0], at=at)
        return len(leads)

    def set_a_date(self, lead: Lead, at: datetime) -> None:
        day = day_of(at) + timedelta(days=45)
        set_wake_date(lead_id=lead.pk, day=day, by=self._marketers[0], at=at)

    def colleague_of(self, prospect: Prospect) -> Prospect:
        return self._crowd.colleague(prospect, Verdict.QUALIFIES)

    def _finish_card(self, lead_id: int, prospect: Prospect, marketer: User, at: datetime) -> None:
        brief = BRIEF_OF[prospect.flow.campaign]
        problem = prospect.answers.get("stated_problem") or self._rng.choice(words.PROBLEMS)
        # Sales may have closed the lead in the meantime.
        with suppress(LeadClosed):
            edit_card(
                lead_id=lead_id,
                why=self._rng.choice(words.WHY),
                content_engaged=f"{brief.offer}; {self._rng.choice(words.READ)}",
                problem_indicated=problem,
                messaging_received=brief.messaging,
                by=marketer,
                at=at,
            )

    def _complete(self, work: Work, verdict: Verdict, follow: Follow, at: datetime) -> None:
        prospect = work.prospect
        known = prospect.answers | prospect.withheld
        values = {code: known[name] for name, code in MISSING.items() if known.get(name)}
        if number := values.get("contact.has_phone"):
            values["contact.has_phone"] = Phone(number)
        marketer = self._rng.choice(self._marketers)
        # The contact may have responded again in the meantime.
        with suppress(NotWithMarketing):
            complete_and_reoffer(lead_id=work.lead_id, values=values, by=marketer, at=at)
            prospect.verdict = verdict
            prospect.answers = known
            prospect.withheld = {}
            follow(at)
