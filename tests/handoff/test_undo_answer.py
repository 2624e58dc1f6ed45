"""N-51: an answer is undone within seconds, by whoever gave it; the log keeps both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from django.db.models import F

from core.errors import Refused
from core.unit_of_work import UnitOfWork
from handoff.acceptance_metric import first_answers
from handoff.answers.accept import accept_handoff
from handoff.answers.advance import advance_lead
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reject import reject_handoff
from handoff.answers.undo import (
    AlreadyUndone,
    CannotUndo,
    purge_undoable_answers,
    undo_answer,
)
from handoff.escalation.sweep import sweep
from handoff.locking import HandoffNotFound
from handoff.models import Handoff, Rejection, SlaClock, UndoableAnswer
from handoff.notes import add_note
from handoff.notice_kinds import REJECTED, RETURNED
from handoff.notices import UNDO_WITHIN
from leads.models import Campaign, Contact, Lead, LeadEvent, Note
from leads.stages import Stage
from people.models import Membership, Notice, Team, User
from people.notices import deliver_notices
from people.roles import Role
from reporting.invariants import CHECKS
from reporting.models import HandoffMilestones, LeadMilestones
from reporting.rollups.prove import find_differences
from reporting.rollups.refresh import follow_log
from tests.factories import (
    make_handoff,
    make_person,
    make_pool,
    make_queue,
    make_receipt,
    make_rep,
    owner_of,
    request_again,
)
from tests.people.factories import MONDAY_9AM
from tests.threads import queued_for

pytestmark = pytest.mark.django_db

MINUTE: Final = timedelta(minutes=1)
ANSWERED: Final = MONDAY_9AM + 5 * MINUTE
SOON: Final = ANSWERED + UNDO_WITHIN
Answer = Callable[[Handoff, User], object]


def accept(handoff: Handoff, by: User) -> object:
    return accept_handoff(handoff_id=handoff.pk, by=by, at=ANSWERED)


def reject(handoff: Handoff, by: User, reason: str = "not_icp") -> object:
    return reject_handoff(
        handoff_id=handoff.pk, reason_code=reason, by=by, at=ANSWERED, note="Too small."
    )


def reject_as_duplicate(handoff: Handoff, by: User) -> object:
    return reject(handoff, by, "duplicate")


def return_bad_data(handoff: Handoff, by: User) -> object:
    return reject(handoff, by, "bad_data")


def reject_for_now(handoff: Handoff, by: User) -> object:
    return reject(handoff, by, "bad_timing")


def cannot_evaluate(handoff: Handoff, by: User) -> object:
    return mark_cannot_evaluate(
        handoff_id=handoff.pk, missing_fields=["company.industry"], by=by, at=ANSWERED
    )


def accept_and_reject(handoff: Handoff, by: User) -> object:
    accept_handoff(handoff_id=handoff.pk, by=by, at=ANSWERED - MINUTE)
    return reject(handoff, by)


ANSWERS: Final = (
    accept,
    reject,
    reject_as_duplicate,
    return_bad_data,
    reject_for_now,
    cannot_evaluate,
)


def undo(handoff: Handoff, by: User, at: datetime = SOON) -> None:
    undo_answer(handoff_id=handoff.pk, by=by, at=at)


def state() -> dict[str, Any]:
    """Return everything that an answer changes, without what only the log says."""
    contact = Contact.objects.order_by("pk").values("pk", "suppressed_at", "consent")
    return {
        "leads": list(Lead.objects.order_by("pk").values()),
        "handoffs": list(Handoff.objects.order_by("pk").values()),
        "clocks": list(SlaClock.objects.order_by("pk").values()),
        "contacts": list(contact),
        "memberships": list(Membership.objects.order_by("pk").values()),
        "rejections": list(Rejection.objects.values()),
        "notices": list(Notice.objects.order_by("pk").values()),
    }


def figures() -> list[Any]:
    follow_log(at=SOON)
    tables: list[Any] = [LeadMilestones, HandoffMilestones]
    return [row for table in tables for row in table.objects.order_by("pk").values()]


def violations(at: datetime = SOON) -> dict[str, list[Any]]:
    return {name: rows for name, check in CHECKS.items() if (rows := list(check(at)))}


@pytest.fixture
def rep() -> User:
    rep = make_rep("Mia Hoffmann")
    make_pool(rep, make_rep("Ben Roth"))
    marketer = make_person(Role.MARKETER)
    Membership.objects.create(team=Team.objects.get(name="Marketing"), user=marketer)
    return rep


@pytest.fixture
def handoff(rep: User) -> Handoff:
    handoffs = [make_handoff(), make_handoff()]
    return next(handoff for handoff in handoffs if handoff.owner == rep)


@pytest.mark.parametrize("answer", ANSWERS)
def test_undo_restores_everything_and_keeps_the_pair_in_the_log(
    answer: Answer, rep: User, handoff: Handoff
) -> None:
    before, counted, events = state(), figures(), LeadEvent.objects.count()
    answer(handoff, rep)
    added = LeadEvent.objects.count() - events
    assert state() != before

    undo(handoff, rep)

    assert state() == before
    assert LeadEvent.objects.count() == events + added + 1
    assert LeadEvent.objects.counted().count() == events + 1
    assert figures() == counted
    assert not list(find_differences(at=SOON))
    assert violations() == {}
    assert not first_answers(opened_since=datetime.min.replace(tzinfo=UTC)).exists()


def test_undone_rejection_of_an_accepted_lead_leaves_it_accepted(
    rep: User, handoff: Handoff
) -> None:
    accept_handoff(handoff_id=handoff.pk, by=rep, at=ANSWERED - MINUTE)
    before, counted = state(), figures()
    reject(handoff, rep)

    undo(handoff, rep)

    assert (state(), figures()) == (before, counted)
    assert violations() == {}


def test_change_of_a_column_that_was_not_read_cannot_be_kept(handoff: Handoff) -> None:
    lead = Lead.objects.defer("score").get(pk=handoff.lead_id)
    work = UnitOfWork()
    work.set(lead, score=5)

    with pytest.raises(ValueError, match=f"Lead {lead.pk} was changed without having been read"):
        work.changes()


@pytest.mark.parametrize("answer", [accept, reject])
def test_lead_of_a_queue_goes_back_to_the_queue(answer: Answer) -> None:
    rep = make_rep()
    queue = make_queue(rep)
    handoff = make_handoff()
    before = state()
    answer(handoff, rep)

    undo(handoff, rep)

    assert state() == before
    assert (handoff.owner, Lead.objects.get().queue) == (None, queue)


def test_another_answer_follows_an_undone_one(rep: User, handoff: Handoff) -> None:
    reject(handoff, rep)
    undo(handoff, rep)

    accept_handoff(handoff_id=handoff.pk, by=rep, at=SOON + MINUTE)

    follow_log(at=SOON + MINUTE)
    counted = LeadMilestones.objects.get(lead=handoff.lead_id)
    assert (counted.first_answer, counted.last_reason, counted.owner_id) == (
        "accepted",
        "",
        rep.pk,
    )
    assert counted.answered_at == SOON + MINUTE
    assert violations(SOON + 2 * MINUTE) == {}


def test_time_that_passed_counts(rep: User, handoff: Handoff) -> None:
    clock = SlaClock.objects.get(handoff=handoff, kind="answer")
    at = clock.due_at - timedelta(seconds=3)
    accept_handoff(handoff_id=handoff.pk, by=rep, at=at)

    undo(handoff, rep, at + timedelta(seconds=5))
    sweep(at=at + timedelta(seconds=6))

    due = clock.due_at
    clock.refresh_from_db()
    assert (clock.due_at, clock.breached_at) == (due, due)


def test_late_answer_is_late_again_after_it_was_undone(rep: User, handoff: Handoff) -> None:
    clock = SlaClock.objects.get(handoff=handoff, kind="answer")
    late = clock.due_at + MINUTE
    accept_handoff(handoff_id=handoff.pk, by=rep, at=late)
    undo(handoff, rep, late)
    sweep(at=late)

    breaches = LeadEvent.objects.counted().filter(
        lead=handoff.lead_id, kind="clock_breached", payload__clock=clock.pk
    )
    assert [event.occurred_at for event in breaches] == [clock.due_at]


def refused(handoff: Handoff, by: User, at: datetime = SOON) -> str:
    before, events = state(), LeadEvent.objects.count()
    with pytest.raises(Refused) as refusal:
        undo(handoff, by, at)
    assert (state(), LeadEvent.objects.count()) == (before, events)
    return str(refusal.value)


def test_undo_comes_too_late_after_a_minute(rep: User, handoff: Handoff) -> None:
    reject(handoff, rep)

    assert refused(handoff, rep, SOON + timedelta(milliseconds=1)) == (
        "An answer can be undone for one minute. After that, marketing may have been notified."
    )


def test_only_whoever_answered_can_undo(rep: User, handoff: Handoff) -> None:
    manager, mate = make_person(Role.SALES_MANAGER), make_rep()
    Team.objects.filter(memberships__user=rep).update(manager=manager)
    reject(handoff, rep)

    assert refused(handoff, manager) == (
        "Mia Hoffmann gave this answer, and only they can undo it."
    )
    with pytest.raises(HandoffNotFound):
        undo(handoff, mate)


def test_second_undo_changes_nothing(rep: User, handoff: Handoff) -> None:
    accept_and_reject(handoff, rep)
    undo(handoff, rep)
    before = state()

    with pytest.raises(AlreadyUndone):
        undo(handoff, rep)

    assert state() == before
    assert Handoff.objects.get(pk=handoff.pk).state == "accepted"


def test_handoff_without_an_answer_has_nothing_to_undo(rep: User, handoff: Handoff) -> None:
    assert refused(handoff, rep) == "There is no answer to undo."


@pytest.mark.parametrize("answer", [accept, return_bad_data])
def test_answer_stays_if_something_happened_since(
    answer: Answer, rep: User, handoff: Handoff
) -> None:
    answer(handoff, rep)
    request_again(handoff.lead, at=ANSWERED + timedelta(seconds=3))

    assert refused(handoff, rep) == (
        "Something else happened to this lead since, so the answer stays."
    )


def test_note_on_the_lead_stays_when_the_answer_is_undone(rep: User, handoff: Handoff) -> None:
    before = state()
    reject(handoff, rep)
    note = add_note(
        lead=handoff.lead, text="Wrong key.", by=rep, at=ANSWERED + timedelta(seconds=3)
    )

    undo(handoff, rep)

    assert state() == before
    assert Note.objects.get(lead=handoff.lead_id) == note
    assert LeadEvent.objects.counted().filter(kind="noted", payload__note=note.pk).exists()
    assert violations() == {}


def test_answer_stays_if_the_contact_has_a_newer_lead(rep: User, handoff: Handoff) -> None:
    reject(handoff, rep)
    at = ANSWERED + timedelta(seconds=3)
    make_receipt(at=at, email=handoff.lead.contact.email, offer="Another")

    assert refused(handoff, rep) in (
        "This contact has a newer lead since, so the answer stays.",
        "Something else happened to this lead since, so the answer stays.",
    )


def test_answer_stays_if_the_contact_was_released_since(rep: User, handoff: Handoff) -> None:
    reject(handoff, rep)
    Contact.objects.filter(leads=handoff.lead_id).update(suppressed_at=None)

    assert "Something else happened" in refused(handoff, rep)


def test_answer_stays_after_the_sweep_found_the_lead_late(rep: User, handoff: Handoff) -> None:
    contact = SlaClock.objects.get(handoff=handoff, kind="first_contact")
    at = contact.due_at - timedelta(seconds=3)
    accept_handoff(handoff_id=handoff.pk, by=rep, at=at)
    sweep(at=contact.due_at + timedelta(seconds=1))

    assert "Something else happened" in refused(handoff, rep, contact.due_at + MINUTE / 12)


def test_sweep_that_finds_nothing_does_not_keep_an_answer(rep: User, handoff: Handoff) -> None:
    before = state()
    reject(handoff, rep)
    sweep(at=SOON)

    undo(handoff, rep)

    assert state() == before


def test_nothing_is_sent_while_the_answer_can_be_undone(
    rep: User, handoff: Handoff, mailoutbox: list[Any]
) -> None:
    deliver_notices(at=ANSWERED)
    mailoutbox.clear()
    return_bad_data(handoff, rep)
    assert Notice.objects.filter(kind=RETURNED.code).exists()

    deliver_notices(at=SOON - timedelta(seconds=1))
    assert mailoutbox == []
    deliver_notices(at=SOON)
    assert len(mailoutbox) == 1
    assert refused(handoff, rep) == "Marketing was already notified, so the answer stays."


@pytest.mark.parametrize("kind", ["offered", "clock_warned"])
def test_notice_that_the_answer_made_outdated_is_sent_after_the_undo(
    kind: str, rep: User, handoff: Handoff
) -> None:
    clock = SlaClock.objects.get(handoff=handoff, kind="answer")
    if kind == "clock_warned":
        sweep(at=clock.warn_at)
    notice = Notice.objects.get(kind=kind, recipient=rep)
    before = Notice.objects.filter(pk=notice.pk).values().get()
    at = max(clock.warn_at, notice.deliver_at)
    accept_handoff(handoff_id=handoff.pk, by=rep, at=at)
    deliver_notices(at=at)

    undo(handoff, rep, at + MINUTE)

    assert Notice.objects.filter(pk=notice.pk).values().get() == before
    deliver_notices(at=at + MINUTE)
    assert Notice.objects.get(pk=notice.pk).delivered_at == at + MINUTE
    assert violations(at + MINUTE) == {}


def test_campaign_owner_is_notified_only_of_a_rejection_that_stays(rep: User) -> None:
    marketer = make_person(Role.MARKETER, rejection_notices=User.RejectionNotices.AT_ONCE)
    Campaign.objects.create(code="spring", name="Spring", owner=marketer)
    handoff = make_handoff(campaign="spring")
    by = owner_of(handoff)
    reject(handoff, by)
    undo(handoff, by)
    assert not Notice.objects.filter(kind=REJECTED.code).exists()

    reject_handoff(
        handoff_id=handoff.pk, reason_code="not_icp", by=by, at=SOON + MINUTE, note="Too small."
    )

    assert Notice.objects.get(kind=REJECTED.code).deliver_at == SOON + MINUTE + UNDO_WITHIN


def test_balances_keep_the_leads_that_others_got_since(rep: User, handoff: Handoff) -> None:
    """The undo takes back what the answer credited, and no more."""
    mate = Membership.objects.exclude(user=rep).get(team=handoff.team)
    own = Membership.objects.get(user=rep)
    reject_as_duplicate(handoff, rep)
    for member, amount in ((own, -100), (mate, 100)):
        Membership.objects.filter(pk=member.pk).update(balance=F("balance") + amount)

    undo(handoff, rep)

    balances = dict(Membership.objects.values_list("pk", "balance"))
    assert (balances[own.pk], balances[mate.pk]) == (own.balance - 100, mate.balance + 100)


def test_old_answers_are_purged(rep: User, handoff: Handoff) -> None:
    accept(handoff, rep)

    assert purge_undoable_answers(at=ANSWERED + timedelta(hours=23)) == 0
    assert purge_undoable_answers(at=ANSWERED + timedelta(days=2)) == 1
    assert not UndoableAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_undos_at_once_one_is_refused() -> None:
    make_pool(make_rep())
    handoff = make_handoff()
    by = owner_of(handoff)
    reject(handoff, by)
    rows = Contact.objects.filter(leads=handoff.lead_id)

    def press() -> None:
        undo(handoff, by)

    results = queued_for(rows, press, press, refusals=CannotUndo)

    assert results[0] is None
    assert isinstance(results[1], AlreadyUndone)
    assert violations() == {}


@pytest.mark.django_db(transaction=True)
def test_events_of_an_answer_follow_those_it_waited_for() -> None:
    make_pool(make_rep())
    handoff = make_handoff()
    by = owner_of(handoff)
    accept_handoff(handoff_id=handoff.pk, by=by, at=ANSWERED - MINUTE)

    queued_for(
        Lead.objects.filter(pk=handoff.lead_id),
        lambda: advance_lead(handoff_id=handoff.pk, to=Stage.SQL, by=by, at=ANSWERED),
        lambda: reject(handoff, by),
    )

    moves = LeadEvent.objects.filter(kind="stage_changed").order_by("pk")
    assert list(moves.values_list("from_stage", "to_stage"))[2:] == [
        ("sal", "sql"),
        ("sql", "disqualified"),
    ]
    assert violations() == {}
