"""Two at once, with real commits: the database decides, nobody sees the fight."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection, transaction

from core.retries import with_retries
from handoff.answers.accept import accept_handoff
from handoff.answers.reject import reject_handoff
from handoff.locking import HandoffClosed
from handoff.models import Handoff
from handoff.pipeline import receive
from leads.models import Contact, Lead, LeadEvent, Touch
from people.models import Membership
from tests.factories import make_handoff, make_pool, make_rep, make_touch
from tests.people.factories import MONDAY_9AM
from tools.devserver.embedded.system import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")


def at_once(*works: Callable[[], T]) -> list[T | Exception]:
    """Run each in a thread of its own, all starting together; an exception is an answer, too."""
    gate = Barrier(len(works))

    def run(work: Callable[[], T]) -> T | Exception:
        try:
            gate.wait()
            return work()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(run, works))


def test_leads_of_the_same_instant_never_corrupt_the_turn() -> None:
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

    assert [len(answer) for answer in answers if isinstance(answer, list)] == [10] * 4
    owners = Counter(Handoff.objects.values_list("owner_id", flat=True))
    assert sorted(owners.values()) == [10, 10, 10, 10]
    assert sum(Membership.objects.filter(team=team).values_list("balance", flat=True)) == 0


def test_two_touches_of_one_new_person_at_once_are_one_lead() -> None:
    make_pool()
    touch = make_touch()

    answers = at_once(
        *[lambda: with_retries(lambda: receive(touch, at=MONDAY_9AM, via="test"))] * 4
    )

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert Contact.objects.count() == 1
    assert Lead.objects.get().touch_count == Touch.objects.count() == 4
    assert Handoff.objects.count() == 1


def test_of_two_answers_at_once_one_wins_and_the_other_is_refused() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()

    answers = at_once(
        lambda: accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM),
        lambda: accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM),
    )

    assert sorted(type(answer).__name__ for answer in answers) == [
        "Handoff",
        HandoffClosed.__name__,
    ]
    assert LeadEvent.objects.filter(kind="accepted").count() == 1


def test_of_two_people_pulling_from_a_queue_one_gets_the_lead() -> None:
    anna, bert = make_rep(), make_rep()
    pool = make_pool(make_rep(is_active=False))
    handoff = make_handoff()
    assert handoff.queue is not None
    for rep in (anna, bert):
        Membership.objects.create(team=handoff.queue, user=rep)

    answers = at_once(
        lambda: accept_handoff(handoff_id=handoff.pk, by=anna, at=MONDAY_9AM),
        lambda: accept_handoff(handoff_id=handoff.pk, by=bert, at=MONDAY_9AM),
    )

    handoff.refresh_from_db()
    assert handoff.owner in {anna, bert}
    assert len([answer for answer in answers if isinstance(answer, Exception)]) == 1
    assert pool != handoff.queue


def test_accept_and_reject_at_once_leave_one_answer() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()

    at_once(
        lambda: accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM),
        lambda: reject_handoff(
            handoff_id=handoff.pk, reason_code="no_budget", by=rep, at=MONDAY_9AM
        ),
    )

    handoff.refresh_from_db()
    kinds = set(LeadEvent.objects.values_list("kind", flat=True))
    # A lead that was accepted first may still be rejected; the other way round is refused.
    assert handoff.state == "rejected"
    assert "rejected" in kinds


def test_a_no_that_suppresses_waits_for_the_contact_and_holds_no_lead_meanwhile() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()

    with ThreadPoolExecutor(1) as thread, transaction.atomic():
        Contact.objects.select_for_update(no_key=True, of=("self",)).get(leads=handoff.lead_id)
        answer = thread.submit(
            at_once,
            lambda: reject_handoff(
                handoff_id=handoff.pk, reason_code="not_icp", by=rep, at=MONDAY_9AM
            ),
        )
        assert wait_until(somebody_waits_for_a_lock, 30)
        Lead.objects.select_for_update(no_key=True, nowait=True).get(pk=handoff.lead_id)

    assert [type(one) for one in answer.result(30)] == [Handoff]
    assert Contact.objects.get().suppressed_at == MONDAY_9AM


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees it once
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database())"
        )
        return bool(cursor.fetchall()[0][0])
