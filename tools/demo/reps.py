"""The reps of the demo: they work in business hours, each at their own pace, with mistakes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from random import Random
from typing import Final

from handoff.answers.accept import accept_handoff
from handoff.answers.advance import advance_lead
from handoff.answers.attempts import log_attempt
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reasons import LOSS_REASONS
from handoff.answers.reject import reject_handoff
from handoff.answers.undo import undo_answer
from handoff.models import Attempt
from handoff.offers import mark_viewed
from handoff.reassignment import reassign
from leads.stages import Stage
from people.calendars import value_of
from people.models import User
from tools.demo import words
from tools.demo.agenda import Agenda
from tools.demo.flows import Verdict
from tools.demo.organization import QUALIFICATION, DemoOrganization
from tools.demo.prospects import Prospect

LOSS_CODES: Final = [code for code, _ in LOSS_REASONS]
Channel, Outcome = Attempt.Channel, Attempt.Outcome

# Demo requests are answered within minutes. The pace of a rep is for other leads.
PACE_FACTORS: Final = {"demo": 0.12, "consultation": 0.4}
FORGOTTEN_RATE: Final = 0.2
VIEWED_FIRST_RATE: Final = 0.12
ATTEMPTS_REQUIRED: Final = 4
WORKING_DAY: Final = 8 * 60
ANSWERS_PER_SLIP: Final = 50
SLIPPED, UNDONE = timedelta(seconds=26), timedelta(seconds=20)
REJECTED_AT_ONCE_RATES: Final = {
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
    """One handoff of a rep; gone when it is closed or reassigned."""

    handoff_id: int
    lead_id: int
    prospect: Prospect
    by: User
    is_queued: bool = False
    is_accepted: bool = False
    attempts: int = 0
    is_gone: bool = False


@dataclass(frozen=True)
class OfferedLead:
    handoff_id: int
    lead_id: int
    prospect: Prospect
    owner_id: int | None


Returned = Callable[[Work, datetime], None]


class Reps:
    """Schedule each step when the one before is done; skip leads that were reassigned."""

    def __init__(
        self, people: DemoOrganization, agenda: Agenda, rng: Random, *, returned: Returned
    ) -> None:
        self._people = people
        self._agenda = agenda
        self._rng = rng
        self._returned = returned
        self._by_id = {user.pk: user for user in people.users.values()}
        self._queue = people.reps(QUALIFICATION)
        self._work: dict[int, Work] = {}
        # Numbers of their own, so that they do not change what the reps do otherwise.
        self._requests = Random(1)  # noqa: S311  (not a secret)
        self._answers = count(1)

    def schedule(self, offer: OfferedLead, at: datetime) -> None:
        """Schedule the answer of the owner, or of the first rep who pulls from the queue."""
        prospect, owner_id = offer.prospect, offer.owner_id
        factor = PACE_FACTORS.get(prospect.flow.lead_type, 1.0)
        candidates = self._queue if owner_id is None else [self._by_id[owner_id]]
        moment, owner_id = min(
            (self._when(user, at, self._pace(user) * factor), user.pk) for user in candidates
        )
        is_queued = offer.owner_id is None
        work = Work(
            offer.handoff_id, offer.lead_id, prospect, self._by_id[owner_id], is_queued=is_queued
        )
        self._work[offer.handoff_id] = work
        if self._rng.random() < self._people.work_styles[owner_id].miss_rate:
            self._miss(work, moment)
        else:
            self._later(work, moment, self._answer)

    def _miss(self, work: Work, moment: datetime) -> None:
        """Miss the answer: a rep at most views the lead, and a queue is answered days later."""
        if work.is_queued:
            self._then(work, self._rng.uniform(0.5, 2) * WORKING_DAY, self._answer, moment)
        elif self._rng.random() < 0.6:
            self._later(work, moment, self._view)

    def accept_at(self, moment: datetime, offer: OfferedLead) -> None:
        """Accept the lead at that moment and do nothing more."""
        owner = self._by_id[offer.owner_id or 0]
        work = Work(offer.handoff_id, offer.lead_id, offer.prospect, owner)
        self._work[offer.handoff_id] = work
        self._later(work, moment, self._accept)

    def contact_at(self, moment: datetime, handoff_id: int) -> None:
        """Contact the lead at that moment and do nothing more."""
        self._later(self._work[handoff_id], moment, self._contact_again)

    def hear(self, lead_id: int, at: datetime) -> None:
        """Contact a lead again that sent a new request; now and then, a rep forgets."""
        for work in list(self._work.values()):
            is_worked = work.lead_id == lead_id and work.is_accepted and work.attempts
            if is_worked and self._requests.random() > FORGOTTEN_RATE:
                moment = self._when(work.by, at, self._requests.uniform(5, 50))
                self._later(work, moment, self._contact_again)

    def _contact_again(self, work: Work, at: datetime) -> None:
        log_attempt(
            handoff_id=work.handoff_id,
            by=work.by,
            channel=Channel.CALL,
            outcome=self._requests.choice((Outcome.REACHED, Outcome.LEFT_MESSAGE)),
            occurred_at=at,
            at=at,
        )

    def drop(self, handoff_id: int) -> None:
        """Forget a handoff that was reassigned."""
        if work := self._work.pop(handoff_id, None):
            work.is_gone = True

    def reassign_leads_of(self, absentee: User, at: datetime) -> None:
        """Reassign unanswered leads of an absent rep to colleagues, as the manager."""
        team = self._people.team_of(absentee)
        present = [
            user
            for user in self._people.reps(team.name)
            if user != absentee and not self._people.is_away(user, at)
        ]
        for work in list(self._work.values()):
            if work.by == absentee and not work.is_queued and not work.is_accepted and present:
                assert team.manager is not None, "every team of the demo has a manager"
                reassign(
                    handoff_id=work.handoff_id,
                    to=self._rng.choice(present),
                    by=team.manager,
                    at=at,
                    although_had_it=True,
                )

    def reassign_a_lead(self, at: datetime) -> bool:
        """Reassign a lead that its rep has not tried to reach, as the manager; False: none."""
        for work in self._work.values():
            team = self._people.team_of(work.by)
            others = [user for user in self._people.reps(team.name) if user != work.by]
            present = [user for user in others if not self._people.is_away(user, at)]
            if not work.attempts and not work.is_queued and present:
                assert team.manager is not None, "every team of the demo has a manager"
                reassign(
                    handoff_id=work.handoff_id,
                    to=present[0],
                    by=team.manager,
                    at=at,
                    although_had_it=True,
                )
                return True
        return False

    def _pace(self, user: User) -> float:
        return self._rng.lognormvariate(0, 0.7) * self._people.work_styles[user.pk].answers_in

    def _when(self, user: User, at: datetime, minutes: float) -> datetime:
        """Return the moment after so many minutes of working time, outside of absences."""
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

    def _view(self, work: Work, at: datetime) -> None:
        mark_viewed(handoff_id=work.handoff_id, by=work.by, at=at)

    def _answer(self, work: Work, at: datetime) -> None:
        rng, verdict = self._rng, work.prospect.verdict
        if rng.random() < VIEWED_FIRST_RATE and not work.is_queued:
            self._view(work, at - timedelta(minutes=1))
        if next(self._answers) % ANSWERS_PER_SLIP == 0:
            self._slip(work, at)
        if verdict is Verdict.CANNOT_EVALUATE and rng.random() < 0.8:
            self._cannot_evaluate(work, at)
        elif rng.random() < REJECTED_AT_ONCE_RATES.get(verdict, 0):
            self._reject(work, at)
        else:
            self._accept(work, at)
            self._then(work, rng.lognormvariate(2.2, 0.9), self._attempt, at)

    def _slip(self, work: Work, at: datetime) -> None:
        """Reject the lead by mistake, and undo it before the answer."""
        handoff_id, by = work.handoff_id, work.by
        reject_handoff(handoff_id=handoff_id, reason_code="bad_timing", by=by, at=at - SLIPPED)
        undo_answer(handoff_id=handoff_id, by=by, at=at - UNDONE)

    def _accept(self, work: Work, at: datetime) -> None:
        accept_handoff(handoff_id=work.handoff_id, by=work.by, at=at)
        work.is_accepted = True

    def _attempt(self, work: Work, at: datetime) -> None:
        """Log an attempt; then qualify or reject the lead, or schedule the next attempt."""
        rng, verdict = self._rng, work.prospect.verdict
        work.attempts += 1
        outcome = self._outcome(work)
        notes = {
            Outcome.REACHED: words.REACHED_NOTES,
            Outcome.BOUNCED: words.BOUNCED_NOTES,
        }.get(outcome, words.MISSED_NOTES)
        has_phone = bool(work.prospect.answers.get("phone"))
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
        elif verdict is Verdict.UNRESPONSIVE and work.attempts >= ATTEMPTS_REQUIRED:
            self._then(work, rng.uniform(0.3, 2) * WORKING_DAY, self._reject, at)
        else:
            self._then(work, rng.uniform(0.5, 1.6) * WORKING_DAY, self._attempt, at)

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
            self._cannot_evaluate(work, at)
        else:
            self._reject(work, at)

    def _reject(self, work: Work, at: datetime) -> None:
        code = work.prospect.verdict.value
        has_note = self._rng.random() < 0.5
        reject_handoff(
            handoff_id=work.handoff_id,
            reason_code=code,
            by=work.by,
            at=at,
            note=self._rng.choice(words.REJECTION_NOTES[code]) if has_note else "",
        )
        self._close(work)
        if work.prospect.verdict in {Verdict.BAD_DATA, Verdict.NO_AUTHORITY}:
            self._returned(work, at)

    def _cannot_evaluate(self, work: Work, at: datetime) -> None:
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
        persuades = self._people.work_styles[work.by.pk].persuades
        if rng.random() < 0.72 * persuades:
            self._then(work, rng.uniform(2, 14) * WORKING_DAY, self._open, at)
        else:
            self._then(work, rng.uniform(5, 30) * WORKING_DAY, self._lose, at)

    def _open(self, work: Work, at: datetime) -> None:
        rng = self._rng
        self._advance(work, Stage.OPPORTUNITY, at, self._amount(work.prospect))
        wins = rng.random() < 0.48 * self._people.work_styles[work.by.pk].persuades
        days = rng.lognormvariate(2.9, 0.5)
        self._then(work, days * WORKING_DAY, self._win if wins else self._lose, at)

    def _win(self, work: Work, at: datetime) -> None:
        self._advance(work, Stage.WON, at, self._amount(work.prospect))
        self._close(work)

    def _lose(self, work: Work, at: datetime) -> None:
        self._advance(
            work, Stage.LOST, at, loss_reason_code=LOSS_CODES[work.handoff_id % len(LOSS_CODES)]
        )
        self._close(work)

    def _advance(
        self,
        work: Work,
        to: Stage,
        at: datetime,
        amount: Decimal | None = None,
        loss_reason_code: str = "",
    ) -> None:
        advance_lead(
            handoff_id=work.handoff_id,
            to=to,
            by=work.by,
            at=at,
            amount=amount,
            currency="EUR" if amount else "",
            loss_reason_code=loss_reason_code,
        )

    def _amount(self, prospect: Prospect) -> Decimal:
        """Return a year of licenses for the technicians, about a third of the employees."""
        technicians = max(5, prospect.firm.employees // 3)
        return Decimal(round(min(technicians, 400) * self._rng.uniform(260, 420), -2))

    def _close(self, work: Work) -> None:
        work.is_gone = True
        self._work.pop(work.handoff_id, None)
