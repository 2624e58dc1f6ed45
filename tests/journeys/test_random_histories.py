"""Every invariant holds after any sequence of acts, in any order and at any time.

HISTORIES is the number of histories to play; each has a seed, by which it can be played again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import pytest
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection

from core.errors import Refused
from core.unit_of_work import UnitOfWork
from handoff.answers.accept import accept_handoff
from handoff.answers.advance import NEXT_STAGES, advance_lead
from handoff.answers.attempts import log_attempt
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.complete import complete_and_reoffer
from handoff.answers.reject import reject_handoff
from handoff.answers.undo import undo_answer
from handoff.departures import reassign_leads_of, reassign_leads_of_the_gone
from handoff.escalation.sweep import sweep
from handoff.history import entered
from handoff.marketing_actions import disqualify, release, send_to_sales, set_wake_date
from handoff.models import (
    Attempt,
    Handoff,
    LossReason,
    RejectionReason,
    ReversalReason,
    UndoableAnswer,
)
from handoff.notes import add_note
from handoff.offers import mark_viewed
from handoff.pipeline import receive, receive_many
from handoff.queue_notices import notify_queues
from handoff.reassignment import reassign
from handoff.resurfacing import resurface_leads
from handoff.reversal import reverse_won
from handoff.suppressed_requests import notify_of_suppressed_requests
from handoff.waiting import offer_waiting_leads
from handoff.workload import merge_changes
from intake.contact_edits import edit_contact
from leads.corrections import correct
from leads.models import Campaign, Contact, Lead, LeadType, Source, TouchKind
from leads.stages import Stage
from leads.touches import TouchIn
from people.covers import available_covers, possible_covers
from people.models import Absence, Membership, Team, User
from people.notices import deliver_notices
from people.roles import Role
from reporting.invariants import CHECKS
from reporting.rollups.refresh import follow_log, rebuild
from tests.factories import make_person, make_pool, make_rep, make_touch
from tests.handoff.factories import last_queue

HISTORIES: Final = int(os.environ.get("HISTORIES", "12"))
FIRST: Final = int(os.environ.get("FIRST_HISTORY", "0"))
ACTS: Final = int(os.environ.get("ACTS", "80"))
# Later than any change of the configuration, which the database dates by its own clock.
START: Final = datetime(2099, 1, 5, 9, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FIELDS: Final = ("company.industry", "company.employees", "contact.title", "contact.has_phone")
PEOPLE: Final = (
    {"email": "ann@first.example", "phone": "+493055501", "name": "Ann Lee"},
    {"email": "", "phone": "+493055501", "name": "LEE, Ann"},
    {"email": "", "phone": "+493055501", "name": "Bob Ray"},
    {"email": "bob@first.example", "phone": "+493055501", "name": "Bob Ray"},
    {"email": "", "external_id": "7", "phone": "", "name": "Cleo Fox"},
    {"email": "cleo@second.example", "external_id": "7", "phone": "+493055502", "name": "Cleo Fox"},
    {"email": "dan@second.example", "phone": "", "name": "Dan Poe"},
    {"email": "", "phone": "+493055502", "name": ""},
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def ids_of_a_new_installation(transactional_db: None) -> None:
    """Count ids from the start: ties in a pool are settled by id, and a seed is to repeat them."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(statement)


class History:
    """Plays random acts of everyone through the product, on a clock that only goes forward."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.at = START
        self.manager = make_person(Role.SALES_MANAGER)
        self.marketer = make_person(Role.MARKETER)
        self.reps = [make_rep() for _ in range(3)]
        self.pool = make_pool(*self.reps, manager=self.manager)
        # Someone always works in the last queue and in marketing.
        Membership.objects.create(team=last_queue(), user=make_rep())
        marketing = Team.objects.get(name="Marketing")
        Membership.objects.create(team=marketing, user=self.marketer)
        source = Source.objects.earliest("pk")
        Campaign.objects.create(code="spring", name="Spring", source=source, owner=self.marketer)
        self.sources = list(Source.objects.values_list("code", flat=True))
        self.types = list(LeadType.objects.values_list("code", flat=True))
        self.reasons = list(RejectionReason.objects.values_list("code", flat=True))
        self.reversals = list(ReversalReason.objects.values_list("code", flat=True))
        self.losses = list(LossReason.objects.values_list("code", flat=True))

    def play(self) -> None:
        self.touch()
        self.touch()
        for _ in range(ACTS):
            self.at += self.rng.choice((MINUTE, 7 * MINUTE, 90 * MINUTE, 9 * 60 * MINUTE))
            act = self.rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            with suppress(Refused):
                act(self)

    def chance(self, rate: float) -> bool:
        return self.rng.random() < rate

    def moment(self) -> datetime:
        """Return now, or a moment of the last hours or weeks."""
        span = self.rng.choice((0 * DAY, 0 * DAY, 0 * DAY, 90 * MINUTE, 30 * DAY))
        return self.at - self.rng.random() * span

    # --- marketing ----------------------------------------------------------------------------

    def touch_in(self) -> TouchIn:
        rng = self.rng
        person: dict[str, Any] = dict(rng.choice(PEOPLE))
        domain = person["email"].rpartition("@")[2]
        more = {
            "industry": rng.choice(("", "Software")),
            "employees": rng.choice((None, 40, 400)),
            "title": rng.choice(("", "Director of Operations")),
            "seniority": rng.choice(("", "director", "staff")),
            "consent": rng.choice((None, None, True, False)),
            "campaign": rng.choice(("", "spring")),
            "lead_type": rng.choice(("", "", *self.types)),
        }
        return make_touch(
            occurred_at=self.moment(),
            kind=rng.choice(TouchKind.values),
            source=rng.choice(self.sources),
            company=domain and f"{domain.partition('.')[0].title()} Corp",
            domain=domain,
            email_is_corporate=bool(domain) or None,
            **{**more, **person},
        )

    def touch(self) -> None:
        receive(self.touch_in(), at=self.at, via="test")

    def batch(self) -> None:
        touches = [self.touch_in() for _ in range(self.rng.randint(2, 4))]
        stages = (Stage.MQL, Stage.NURTURE, Stage.WON)
        past = [entered(self.rng.choice(stages))] * len(touches) if self.chance(0.3) else None
        receive_many(touches, at=self.at, via="csv", histories=past)

    def lead(self) -> Lead:
        leads = Lead.objects.open().order_by("pk")
        if not leads:
            raise Refused("There is no lead.")
        return self.rng.choice(list(leads))

    def send(self) -> None:
        send_to_sales(lead_id=self.lead().pk, why="They called.", by=self.marketer, at=self.at)

    def set_date(self) -> None:
        day = self.at.date() + timedelta(days=self.rng.randint(1, 60))
        set_wake_date(lead_id=self.lead().pk, day=day, by=self.marketer, at=self.at)

    def disqualify(self) -> None:
        code = self.rng.choice(self.reasons)
        disqualify(lead_id=self.lead().pk, reason_code=code, by=self.marketer, at=self.at)

    def release(self) -> None:
        release(lead_id=self.lead().pk, why="They called.", by=self.marketer, at=self.at)

    def complete(self) -> None:
        values = {"company.industry": "Retail", "company.employees": 90, "contact.title": "COO"}
        name = self.rng.choice(list(values))
        complete_and_reoffer(
            lead_id=self.lead().pk,
            values={name: values[name], "company.name": "Given Ltd"},
            by=self.marketer,
            at=self.at,
        )

    def correct(self) -> None:
        contacts = list(Contact.objects.order_by("pk"))
        if not contacts:
            return
        values = self.rng.choice(
            ({"consent": True}, {"consent": False}, {"consent": None}, {"name": "Eve New"})
        )
        work = UnitOfWork()
        correct(work, self.rng.choice(contacts), values, by_id=self.marketer.pk, at=self.at)
        work.write()

    # --- sales --------------------------------------------------------------------------------

    def handoff(self, *, is_open: bool = True) -> tuple[Handoff, User]:
        """Return a handoff and a person who may answer it."""
        handoffs = Handoff.objects.order_by("pk")
        handoffs = handoffs.open() if is_open else handoffs
        if not handoffs:
            raise Refused("There is no handoff.")
        handoff = self.rng.choice(list(handoffs))
        if handoff.owner is not None:
            covered = available_covers(at=self.at).filter(user=handoff.owner).first()
            if covered is not None and covered.cover is not None and self.chance(0.5):
                return handoff, covered.cover
            return handoff, handoff.owner if self.chance(0.85) else self.manager
        members = list(User.objects.filter(teams=handoff.queue).order_by("pk"))
        return handoff, self.rng.choice(members)

    def view(self) -> None:
        handoff, by = self.handoff()
        mark_viewed(handoff_id=handoff.pk, by=by, at=self.at)

    def accept(self) -> None:
        handoff, by = self.handoff()
        accept_handoff(handoff_id=handoff.pk, by=by, at=self.at)

    def reject(self) -> None:
        handoff, by = self.handoff()
        code = self.rng.choice(self.reasons)
        reject_handoff(
            handoff_id=handoff.pk, reason_code=code, by=by, at=self.at, note="It is a note."
        )

    def cannot_evaluate(self) -> None:
        handoff, by = self.handoff()
        fields = self.rng.sample(FIELDS, self.rng.randint(1, 2))
        mark_cannot_evaluate(handoff_id=handoff.pk, missing_fields=fields, by=by, at=self.at)

    def answer_and_undo(self) -> None:
        """Give an answer and undo it, mostly in time, with or without an act in between."""
        self.rng.choice((self.accept, self.reject, self.cannot_evaluate))()
        between = (self.sweep, self.deliver, self.offer_waiting, self.count, self.touch, self.view)
        if self.chance(0.4):
            with suppress(Refused):
                self.rng.choice(between)()
        self.at += timedelta(seconds=self.rng.choice((0, 5, 5, 10, 11)))
        answer = UndoableAnswer.objects.latest("pk")
        by = answer.by if self.chance(0.9) else self.manager
        undo_answer(handoff_id=answer.handoff_id, by=by, at=self.at)

    def attempt(self) -> None:
        handoff, by = self.handoff(is_open=self.chance(0.7))
        log_attempt(
            handoff_id=handoff.pk,
            by=by,
            channel=Attempt.Channel.CALL,
            outcome=self.rng.choice(list(Attempt.Outcome)),
            occurred_at=handoff.offered_at + self.rng.random() * (self.at - handoff.offered_at),
            at=self.at,
        )

    def advance(self) -> None:
        handoff, by = self.handoff()
        stages = NEXT_STAGES.get(Stage(handoff.lead.stage), (Stage.SQL,))
        advance_lead(
            handoff_id=handoff.pk,
            to=self.rng.choice(stages),
            by=by,
            at=self.at,
            loss_reason_code=self.rng.choice(self.losses),
        )

    def reverse(self) -> None:
        won = list(Lead.objects.filter(stage=Stage.WON).order_by("pk"))
        if not won:
            return
        reverse_won(
            lead_id=self.rng.choice(won).pk,
            to=self.rng.choice((Stage.OPPORTUNITY, Stage.LOST)),
            reason_code=self.rng.choice(self.reversals),
            by=self.manager,
            at=self.at,
        )

    def reassign(self) -> None:
        handoff, _ = self.handoff()
        reassign(
            handoff_id=handoff.pk,
            to=self.rng.choice(self.reps),
            by=self.manager,
            at=self.at,
            although_had_it=self.chance(0.5),
        )

    def take(self) -> None:
        """Add a lead and take it, whoever works the company."""
        rep = self.rep()
        receive(self.touch_in(), at=self.at, via="hand", actor_id=rep.pk, taker=rep)

    def edit(self) -> None:
        values = {"title": self.rng.choice(("Buyer", "Director of Operations")), "phone": None}
        edit_contact(lead_id=self.lead().pk, values=values, by=self.rep(), at=self.at)

    def note(self) -> None:
        add_note(lead=self.lead(), text=f"Ask @{self.rep()}", by=self.marketer, at=self.at)

    # --- people -------------------------------------------------------------------------------

    def rep(self) -> User:
        return User.objects.get(pk=self.rng.choice(self.reps).pk)

    def leave(self) -> None:
        rep = self.rep()
        rep.is_active = False
        rep.save()
        if self.chance(0.5):
            reassign_leads_of(rep, at=self.at)

    def return_to_work(self) -> None:
        rep = self.rep()
        rep.is_active = True
        rep.save()

    def be_away(self) -> None:
        start = self.at + self.rng.randint(-2, 3) * DAY
        rep = self.rep()
        cover = possible_covers(rep).order_by("pk").first() if self.chance(0.6) else None
        Absence.objects.create(
            user=rep,
            cover=cover,
            starts_at=start,
            ends_at=start + self.rng.randint(3, 20) * DAY,
            reassigns_leads=self.chance(0.5),
        )

    def change_capacity(self) -> None:
        for membership in Membership.objects.filter(team=self.pool, user=self.rep()):
            membership.capacity = self.rng.choice((0, 1, 2, 30))
            membership.save()

    # --- jobs ---------------------------------------------------------------------------------

    def jump(self) -> None:
        self.at += self.rng.choice((1, 4, 30, 100, 400)) * DAY

    def sweep(self) -> None:
        while sweep(at=self.at):
            pass

    def resurface(self) -> None:
        resurface_leads(at=self.at)

    def depart(self) -> None:
        reassign_leads_of_the_gone(at=self.at)

    def offer_waiting(self) -> None:
        offer_waiting_leads(at=self.at)
        notify_queues(at=self.at)

    def notify_marketing(self) -> None:
        notify_of_suppressed_requests(at=self.at)

    def deliver(self) -> None:
        deliver_notices(at=self.at)

    def count(self) -> None:
        follow_log(at=self.at)

    def recount(self) -> None:
        rebuild(at=self.at)

    def merge_workload(self) -> None:
        merge_changes()

    def run_jobs(self) -> None:
        for job in JOBS:
            job(self)


JOBS: Final[tuple[Callable[[History], None], ...]] = (
    History.sweep,
    History.resurface,
    History.depart,
    History.offer_waiting,
    History.notify_marketing,
    History.deliver,
    History.count,
    History.merge_workload,
)


WEIGHTS: Final[dict[Callable[[History], None], float]] = {
    History.touch: 14,
    History.batch: 2,
    History.send: 2,
    History.set_date: 2,
    History.disqualify: 0.5,
    History.complete: 2,
    History.release: 1,
    History.correct: 1.5,
    History.take: 2,
    History.edit: 1.5,
    History.note: 1,
    History.view: 1,
    History.accept: 6,
    History.reject: 4,
    History.cannot_evaluate: 3,
    History.answer_and_undo: 3,
    History.attempt: 4,
    History.advance: 3,
    History.reassign: 2,
    History.reverse: 1,
    History.leave: 1,
    History.return_to_work: 1,
    History.be_away: 1,
    History.change_capacity: 1,
    History.jump: 1.5,
    History.sweep: 4,
    History.resurface: 2,
    History.depart: 1,
    History.offer_waiting: 3,
    History.notify_marketing: 2,
    History.deliver: 3,
    History.count: 3,
    History.recount: 0.5,
    History.merge_workload: 2,
}


@pytest.mark.parametrize("seed", range(FIRST, FIRST + HISTORIES))
def test_every_invariant_holds_after_a_random_history(seed: int) -> None:
    history = History(seed)

    history.play()
    history.run_jobs()

    violations = {name: list(check(history.at)) for name, check in CHECKS.items()}
    assert violations == dict.fromkeys(CHECKS, [])
