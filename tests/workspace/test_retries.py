"""Requests that lose a deadlock are retried, and their user sees the result."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.models import Handoff, SlaClock
from leads.models import Contact, Lead
from people.roles import Role
from tests.factories import make_handoff, make_person, make_pool, make_rep, owner_of
from tests.pages import signed_in_as
from tests.people.factories import MONDAY_9AM

# Each waits until PostgreSQL looks for deadlocks.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PATIENCE = 30


@contextmanager
def deadlocked_over(held: Any, wanted: Any) -> Iterator[None]:
    """Somebody holds the one row, and wants the other as soon as the test waits for the first.

    PostgreSQL stops the test: whoever looks for deadlocks first, and the other one looks later.
    """

    def fight(is_held: Future[None]) -> None:
        try:
            with transaction.atomic():
                look_for_deadlocks_after(seconds=PATIENCE)
                list(held.select_for_update())
                is_held.set_result(None)
                wait_until_somebody_waits()
                list(wanted.select_for_update())
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        is_held: Future[None] = Future()
        fighting = thread.submit(fight, is_held)
        is_held.result(PATIENCE)
        look_for_deadlocks_after(seconds=3)
        try:
            yield
            fighting.result(PATIENCE)
        finally:
            look_for_deadlocks_after(seconds=1)


def look_for_deadlocks_after(*, seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('deadlock_timeout', %s, false)", [f"{seconds}s"])


def wait_until_somebody_waits() -> None:
    sql = "SELECT count(*) FROM pg_locks WHERE NOT granted AND %s = ANY(pg_blocking_pids(pid))"
    give_up = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
        while time.monotonic() < give_up:
            cursor.execute(sql, [pid])
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("nobody waited")


def test_answer_is_retried_after_a_deadlock() -> None:
    make_pool()
    handoff = make_handoff()
    client = signed_in_as(owner_of(handoff))
    clocks = SlaClock.objects.filter(handoff=handoff)

    with deadlocked_over(held=clocks, wanted=Lead.objects.filter(pk=handoff.lead_id)):
        response = client.post(f"/handoffs/{handoff.pk}/accept/", {"next": "/inbox/"})

    assert response["Location"] == "/inbox/"
    assert Handoff.objects.get(pk=handoff.pk).state == "accepted"


def test_completion_is_retried_after_a_deadlock() -> None:
    make_pool()
    handoff = make_handoff(phone="")
    missing = ["contact.has_phone"]
    mark_cannot_evaluate(
        handoff_id=handoff.pk, missing_fields=missing, by=owner_of(handoff), at=MONDAY_9AM
    )
    client = signed_in_as(make_person(Role.MARKETER))
    lead, contact = Lead.objects.filter(pk=handoff.lead_id), Contact.objects.all()

    with deadlocked_over(held=lead, wanted=contact):
        client.post(f"/leads/{handoff.lead_id}/complete/", {"contact-has_phone": "+49 30 1234567"})

    assert Handoff.objects.open().get().lead.contact.phone == "+49301234567"


def test_reassignment_is_retried_after_a_deadlock() -> None:
    manager = make_person(Role.SALES_MANAGER)
    mia, jon = make_rep(), make_rep()
    make_pool(mia, jon, manager=manager)
    handoff = make_handoff()
    to = jon if handoff.owner == mia else mia
    client = signed_in_as(manager)
    clocks = SlaClock.objects.filter(handoff=handoff)

    with deadlocked_over(held=clocks, wanted=Lead.objects.filter(pk=handoff.lead_id)):
        client.post("/team/reassign/", {"handoff": handoff.pk, "to": to.pk})

    assert Handoff.objects.open().get().owner == to
