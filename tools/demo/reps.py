"""How the demo's reps work: within their hours, each at their own pace and with their slips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Final

from handoff.answers.accept import accept_handoff
from handoff.answers.advance import advance_lead
from handoff.answers.attempts import log_attempt
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reject import reject_handoff
from handoff.models import Attempt
from handoff.offers import mark_viewed
from handoff.reassignment import reassign
from leads.stages import Stage
from people.calendars import value_of
from people.models import User
from tools.demo import words
from tools.demo.agenda import Agenda
from tools.demo.flows import Verdict
from tools.demo.organization import QUALIFICATION, Organization
from tools.demo.prospects import Prospect

Channel, Outcome = Attempt.Channel, Attempt.Outcome

# A demo is answered within minutes; the pace is that of a lead that nobody waits for.
HURRY: Final = {"demo": 0.12, "consultation": 0.4}
LOOKS_FIRST: Final = 0.12
ATTEMPTS_AGREED: Final = 4
WORKING_DAY: Final = 8 * 60
SEEN_AT_ONCE: Final = {
    Verdict.NOT_ICP: 0.7,
    Verdict.DUPLICATE: 0.9,
    Verdict.BAD_DATA: 0.3,
    Verdict.NO_AUTHORITY: 0.25,
}
MISSING: Final = {
    "employees": "company.employees",
    "industry": "company.industry",
    "phone": "contact.has_phone",
    "company_country": "company.country",
    "title": "contact.title",
    "company": "company.name",
}


@dataclass
class Work:
    """One handoff on somebody's desk; gone when it was answered for good or given on."""

    handoff_id: int
    lead_id: int
    prospect: Prospect
    by: User
    is_queued: bool = False
    is_accepted: bool = False
    attempts: int = 0
    is_gone: bool = False


@dataclass(frozen=True)
class Offered:
    handoff_id: int
    lead_id: int
    prospect: Prospect
    owner_id: int | None


Returned = Callable[[Work, datetime], None]


class Reps:
    """Plans each next step when the one before is done; what was given on is left alone."""

    def __init__(
        self, people: Organization, agenda: Agenda, rng: Random, *, returned: Returned
    ) -> None:
        self._people = people
        self._agenda = agenda
        self._rng = rng
        self._returned = returned
        self._by_id = {user.pk: user for user in people.users.values()}
        self._queue = people.reps(QUALIFICATION)
        self.desk: dict[int, Work] = {}

    def take_on(self, offer: Offered, at: datetime) -> None:
        """A lead is offered to somebody, or waits in a queue until one of its team takes it."""
        prospect, owner_id = offer.prospect, offer.owner_id
        hurry = HURRY.get(prospect.flow.lead_type, 1.0)
        takers = self._queue if owner_id is None else [self._by_id[owner_id]]
        moment, owner_id = min(
            (self._when(user, at, self._pace(user) * hurry), user.pk) for user in takers
        )
        is_queued = offer.owner_id is None
        work = Work(
            offer.handoff_id, offer.lead_id, prospect, self._by_id[owner_id], is_queued=is_queued
        )
        self.desk[offer.handoff_id] = work
        if self._rng.random() < self._people.tempers[owner_id].forgets:
            self._slip(work, moment)
        else:
            self._later(work, moment, self._answer)

    def _slip(self, work: Work, moment: datetime) -> None:
        """What lies with one person goes on to the next when late; a queue is cleared some day."""
        if work.is_queued:
            self._then(work, self._rng.uniform(0.5, 2) * WORKING_DAY, self._answer, moment)
        elif self._rng.random() < 0.6:
            self._later(work, moment, self._look)

    def accept_at(self, moment: datetime, offer: Offered) -> None:
        """Accept it at that moment and leave it lying."""
        owner = self._by_id[offer.owner_id or 0]
        work = Work(offer.handoff_id, offer.lead_id, offer.prospect, owner)
        self._later(work, moment, self._accept)

    def give_up(self, handoff_id: int) -> None:
        """It was given to somebody else."""
        if work := self.desk.pop(handoff_id, None):
            work.is_gone = True

    def give_on_for(self, absentee: User, at: datetime) -> None:
        """The manager gives what somebody away has not answered to a colleague who is here."""
        team = self._people.team_of(absentee)
        here = [
            user
            for user in self._people.reps(team.name)
            if user != absentee and not self._people.is_away(user, at)
        ]
        for work in list(self.desk.values()):
            if work.by == absentee and not work.is_queued and not work.is_accepted and here:
                assert team.manager is not None, "every team of the demo has a manager"
                reassign(
                    handoff_id=work.handoff_id,
                    to=self._rng.choice(here),
                    by=team.manager,
                    at=at,
                    although_had_it=True,
                )

    def _pace(self, user: User) -> float:
        return self._rng.lognormvariate(0, 0.7) * self._people.tempers[user.pk].answers_in

    def _when(self, user: User, at: datetime, minutes: float) -> datetime:
        """After so many minutes of their working time; somebody away comes back first."""
        calendar = value_of(self._people.editions[user.pk])
        moment = calendar.add(at, timedelta(minutes=max(1, round(minutes))))
        for starts, ends in self._people.away[user.pk]:
            if starts <= moment < ends:
                moment = calendar.next_open(ends) + timedelta(minutes=round(minutes) % 90)
        return moment

    def _later(self, work: Work, moment: datetime, step: Callable[[Work, datetime], None]) -> None:
        self._agenda.add(moment, partial(self._unless_gone, work, step))

    def _unless_gone(
        self, work: Work, step: Callable[[Work, datetime], None], at: datetime
    ) -> None:
        if not work.is_gone:
            step(work, at)

    def _then(
        self, work: Work, minutes: float, step: Callable[[Work, datetime], None], at: datetime
    ) -> None:
        self._later(work, self._when(work.by, at, minutes), step)

    def _look(self, work: Work, at: datetime) -> None:
        mark_viewed(handoff_id=work.handoff_id, by=work.by, at=at)

    def _answer(self, work: Work, at: datetime) -> None:
        rng, verdict = self._rng, work.prospect.verdict
        if rng.random() < LOOKS_FIRST and not work.is_queued:
            self._look(work, at - timedelta(minutes=1))
        if verdict is Verdict.CANNOT_EVALUATE and rng.random() < 0.8:
            self._send_back(work, at)
        elif rng.random() < SEEN_AT_ONCE.get(verdict, 0):
            self._reject(work, at)
        else:
            self._accept(work, at)
            self._then(work, rng.lognormvariate(2.2, 0.9), self._try, at)

    def _accept(self, work: Work, at: datetime) -> None:
        accept_handoff(handoff_id=work.handoff_id, by=work.by, at=at)
        work.is_accepted = True

    def _try(self, work: Work, at: datetime) -> None:
        """One attempt; then the talk is judged, or the next attempt waits for another day."""
        rng, verdict = self._rng, work.prospect.verdict
        work.attempts += 1
        outcome = self._outcome(work)
        notes = {
            Outcome.REACHED: words.REACHED_NOTES,
            Outcome.BOUNCED: words.BOUNCED_NOTES,
        }.get(outcome, words.MISSED_NOTES)
        has_phone = bool(work.prospect.told.get("phone"))
        log_attempt(
            handoff_id=work.handoff_id,
            by=work.by,
            channel=self._channel(has_phone),
            outcome=outcome,
            occurred_at=at - timedelta(minutes=rng.choice((0, 0, 1, 2)))
            if work.attempts > 1
            else at,
            at=at,
            note=rng.choice(notes) if rng.random() < 0.6 else "",
        )
        if outcome is Outcome.REACHED and verdict is Verdict.QUALIFIES:
            self._then(work, rng.uniform(0.1, 5) * WORKING_DAY, self._qualify, at)
        elif outcome in {Outcome.REACHED, Outcome.BOUNCED}:
            self._then(work, rng.uniform(5, 240), self._judge, at)
        elif verdict is Verdict.UNRESPONSIVE and work.attempts >= ATTEMPTS_AGREED:
            self._then(work, rng.uniform(0.3, 2) * WORKING_DAY, self._reject, at)
        else:
            self._then(work, rng.uniform(0.5, 1.6) * WORKING_DAY, self._try, at)

    def _outcome(self, work: Work) -> Attempt.Outcome:
        verdict = work.prospect.verdict
        if verdict is Verdict.BAD_DATA and work.attempts > 1:
            return Outcome.BOUNCED
        reaches = verdict not in {Verdict.UNRESPONSIVE, Verdict.BAD_DATA}
        if reaches and (self._rng.random() < 0.55 or work.attempts >= 5):
            return Outcome.REACHED
        return self._rng.choice((Outcome.LEFT_MESSAGE, Outcome.NO_ANSWER, Outcome.NO_ANSWER))

    def _channel(self, has_phone: bool) -> Attempt.Channel:
        if has_phone and self._rng.random() < 0.75:
            return Channel.CALL
        return self._rng.choice((Channel.EMAIL, Channel.EMAIL, Channel.SOCIAL))

    def _judge(self, work: Work, at: datetime) -> None:
        if work.prospect.verdict is Verdict.CANNOT_EVALUATE:
            self._send_back(work, at)
        else:
            self._reject(work, at)

    def _reject(self, work: Work, at: datetime) -> None:
        code = work.prospect.verdict.value
        says_more = self._rng.random() < 0.5
        reject_handoff(
            handoff_id=work.handoff_id,
            reason_code=code,
            by=work.by,
            at=at,
            note=self._rng.choice(words.REJECTION_NOTES[code]) if says_more else "",
        )
        self._close(work)
        if work.prospect.verdict in {Verdict.BAD_DATA, Verdict.NO_AUTHORITY}:
            self._returned(work, at)

    def _send_back(self, work: Work, at: datetime) -> None:
        missing = [MISSING[name] for name in work.prospect.withheld if name in MISSING]
        mark_cannot_evaluate(
            handoff_id=work.handoff_id,
            missing_fields=missing or ["contact.title"],
            by=work.by,
            at=at,
        )
        self._close(work)
        self._returned(work, at)

    def _qualify(self, work: Work, at: datetime) -> None:
        rng = self._rng
        self._advance(work, Stage.SQL, at)
        persuades = self._people.tempers[work.by.pk].persuades
        if rng.random() < 0.72 * persuades:
            self._then(work, rng.uniform(2, 14) * WORKING_DAY, self._open, at)
        else:
            self._then(work, rng.uniform(5, 30) * WORKING_DAY, self._lose, at)

    def _open(self, work: Work, at: datetime) -> None:
        rng = self._rng
        self._advance(work, Stage.OPPORTUNITY, at, self._amount(work.prospect))
        wins = rng.random() < 0.48 * self._people.tempers[work.by.pk].persuades
        days = rng.lognormvariate(2.9, 0.5)
        self._then(work, days * WORKING_DAY, self._win if wins else self._lose, at)

    def _win(self, work: Work, at: datetime) -> None:
        self._advance(work, Stage.WON, at, self._amount(work.prospect))
        self._close(work)

    def _lose(self, work: Work, at: datetime) -> None:
        self._advance(work, Stage.LOST, at)
        self._close(work)

    def _advance(self, work: Work, to: Stage, at: datetime, amount: Decimal | None = None) -> None:
        advance_lead(
            handoff_id=work.handoff_id,
            to=to,
            by=work.by,
            at=at,
            amount=amount,
            currency="EUR" if amount else "",
        )

    def _amount(self, prospect: Prospect) -> Decimal:
        """A year for every technician, who are about a third of a company."""
        technicians = max(5, prospect.firm.employees // 3)
        return Decimal(round(min(technicians, 400) * self._rng.uniform(260, 420), -2))

    def _close(self, work: Work) -> None:
        work.is_gone = True
        self.desk.pop(work.handoff_id, None)
