"""Concurrent transactions with real commits."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest
from django.db import transaction

from core.retries import with_retries
from handoff.answers.accept import accept_handoff
from handoff.answers.reject import reject_handoff
from handoff.locking import HandoffClosed, HandoffNotFound
from handoff.models import Handoff
from handoff.pipeline import receive
from handoff.waiting import offer_waiting_leads
from leads.models import Contact, Lead, LeadEvent, Touch
from people.models import Membership, User
from tests.factories import make_handoff, make_pool, make_rep, make_touch, route_everything_to
from tests.people.factories import MONDAY_9AM, make_team
from tests.threads import PATIENCE, at_once, queued_for, waiting_sessions
from tools.devserver.embedded.system import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_concurrent_leads_keep_the_round_robin_balanced() -> None:
    team = make_pool(make_rep(), make_rep(), make_rep(), make_rep())

    answers = at_once(
        *[
            lambda: [
                with_retries(lambda: receive(make_touch(), at=MONDAY_9AM, via="test"))
                for _ in range(10)
            ]
        ]
        * 4
    )

    assert [len(answer) for answer in answers] == [10] * 4
    owners = Counter(Handoff.objects.values_list("owner_id", flat=True))
    assert sorted(owners.values()) == [10, 10, 10, 10]
    assert sum(Membership.objects.filter(team=team).values_list("balance", flat=True)) == 0


def test_two_jobs_and_a_touch_offer_each_waiting_lead_once() -> None:
    reps = [make_rep(), make_rep()]
    pool, queue = make_team(*reps), make_team(make_rep())
    Membership.objects.filter(team=pool).update(capacity=0)
    route_everything_to(pool, when_nobody="queue", fallback_queue=queue)
    waiting = [make_handoff() for _ in range(2)]
    Membership.objects.filter(team=pool).update(capacity=1)

    at_once(
        lambda: offer_waiting_leads(at=MONDAY_9AM),
        lambda: offer_waiting_leads(at=MONDAY_9AM),
        lambda: with_retries(lambda: receive(make_touch(), at=MONDAY_9AM, via="test")),
    )
    offer_waiting_leads(at=MONDAY_9AM)

    owned = Handoff.objects.open().exclude(owner=None)
    assert sorted(owned.values_list("owner", flat=True)) == [rep.pk for rep in reps]
    assert sorted(owned.values_list("lead", flat=True)) == [row.lead_id for row in waiting]
    assert Handoff.objects.filter(state="withdrawn").count() == 2


def test_concurrent_touches_of_a_new_contact_are_one_lead() -> None:
    make_pool()
    touch = make_touch()
    offers = [replace(touch, offer=f"Offer {number}") for number in range(4)]

    at_once(
        *[
            partial(with_retries, partial(receive, offer, at=MONDAY_9AM, via="test"))
            for offer in offers
        ]
    )

    assert Contact.objects.count() == 1
    assert Lead.objects.get().touch_count == Touch.objects.count() == 4
    assert Handoff.objects.count() == 1


def test_one_of_two_concurrent_answers_is_refused() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()

    answers = at_once(
        lambda: accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM),
        lambda: accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM),
        refusals=HandoffClosed,
    )

    assert sorted(type(answer).__name__ for answer in answers) == [
        "Handoff",
        HandoffClosed.__name__,
    ]
    assert LeadEvent.objects.filter(kind="accepted").count() == 1


def test_one_of_two_reps_pulling_from_a_queue_gets_the_lead() -> None:
    anna, bert = make_rep(), make_rep()
    pool = make_pool(make_rep(is_active=False))
    handoff = make_handoff()
    assert handoff.queue is not None
    for rep in (anna, bert):
        Membership.objects.create(team=handoff.queue, user=rep)

    answers = at_once(
        lambda: accept_handoff(handoff_id=handoff.pk, by=anna, at=MONDAY_9AM),
        lambda: accept_handoff(handoff_id=handoff.pk, by=bert, at=MONDAY_9AM),
        refusals=HandoffNotFound,
    )

    handoff.refresh_from_db()
    assert handoff.owner in {anna, bert}
    assert len([answer for answer in answers if isinstance(answer, Exception)]) == 1
    assert pool != handoff.queue


def test_reject_waiting_behind_an_accept_rejects_the_accepted_lead() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()
    before = kinds_of_events()

    accepted, rejected = queued_for(
        Lead.objects.filter(pk=handoff.lead_id),
        lambda: accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM),
        lambda: reject(handoff, by=rep),
    )

    assert (accepted.state, rejected.state) == ("accepted", "rejected")
    assert kinds_of_events() - before == {
        "accepted": 1,
        "rejected": 1,
        "clock_met": 1,
        "stage_changed": 2,
        "owner_changed": 1,
    }


def test_accept_waiting_behind_a_reject_is_refused() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()
    before = kinds_of_events()

    rejected, refused = queued_for(
        Lead.objects.filter(pk=handoff.lead_id),
        lambda: reject(handoff, by=rep),
        lambda: accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM),
        refusals=HandoffClosed,
    )

    assert (rejected.state, type(refused)) == ("rejected", HandoffClosed)
    assert kinds_of_events() - before == {
        "rejected": 1,
        "clock_met": 1,
        "stage_changed": 1,
        "owner_changed": 1,
    }


def test_suppressing_rejection_locks_the_contact_before_the_lead() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()

    with ThreadPoolExecutor(1) as thread, transaction.atomic():
        Contact.objects.select_for_update(no_key=True, of=("self",)).get(leads=handoff.lead_id)
        answer = thread.submit(at_once, lambda: reject(handoff, by=rep, reason_code="not_icp"))
        assert wait_until(lambda: waiting_sessions() == 1, PATIENCE)
        Lead.objects.select_for_update(no_key=True, nowait=True).get(pk=handoff.lead_id)

    assert [rejected.state for rejected in answer.result(PATIENCE)] == ["rejected"]
    assert Contact.objects.get().suppressed_at == MONDAY_9AM


def reject(handoff: Handoff, *, by: User, reason_code: str = "no_budget") -> Handoff:
    return reject_handoff(handoff_id=handoff.pk, reason_code=reason_code, by=by, at=MONDAY_9AM)


def kinds_of_events() -> Counter[str]:
    return Counter(LeadEvent.objects.values_list("kind", flat=True))
