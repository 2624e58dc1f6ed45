"""The lead page and the inbox show that a contact sent a new request."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine

from handoff.answers.accept import accept_handoff
from handoff.answers.attempts import log_attempt
from handoff.models import Attempt, Handoff
from people.models import User
from people.roles import Role
from tests.factories import make_handoff, make_person, make_pool, make_rep, request_again
from tests.pages import page_at
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

AGAIN = MONDAY_9AM + timedelta(days=9)
TEXT = "The contact sent a new request on"


@pytest.fixture
def mia() -> User:
    mia = make_rep("Mia Hoffmann")
    make_pool(mia)
    return mia


@pytest.fixture
def handoff(mia: User) -> Handoff:
    handoff = make_handoff()
    accept_handoff(handoff_id=handoff.pk, by=mia, at=MONDAY_9AM)
    call(handoff, mia, MONDAY_9AM)
    return handoff


def call(handoff: Handoff, by: User, at: datetime) -> None:
    log_attempt(
        handoff_id=handoff.pk,
        by=by,
        channel=Attempt.Channel.CALL,
        outcome=Attempt.Outcome.REACHED,
        occurred_at=at,
        at=at,
    )


def test_next_step_inbox_and_card_say_that_the_contact_asks_again(
    handoff: Handoff, mia: User
) -> None:
    request_again(handoff.lead, at=AGAIN)

    with time_machine.travel(AGAIN + timedelta(minutes=5), tick=False):
        lead, inbox = page_at(f"/leads/{handoff.lead_id}/", mia), page_at("/inbox/", mia)

    assert f"Contact them again and log it. {TEXT} Nov 11, 2026" in lead.text()
    assert "Why now: Demo request on Nov 11, 2026, while sales has the lead." in lead.text()
    assert "New request while sales has the lead" in lead.text()
    assert "to contact them again" in lead.text()
    assert "New request" in inbox.text()
    assert inbox.text("#part-to_contact") == "To contact 1"


def test_manager_reads_who_has_to_contact_them(handoff: Handoff) -> None:
    request_again(handoff.lead, at=AGAIN)
    leader = make_person(Role.LEADER)

    with time_machine.travel(AGAIN, tick=False):
        lead = page_at(f"/leads/{handoff.lead_id}/", leader)

    assert f"Mia Hoffmann contacts them again and logs it. {TEXT}" in lead.text()


def test_offered_lead_says_so_too(mia: User) -> None:
    handoff = make_handoff()
    request_again(handoff.lead, at=MONDAY_9AM + timedelta(minutes=20))

    with time_machine.travel(MONDAY_9AM + timedelta(minutes=30), tick=False):
        lead = page_at(f"/leads/{handoff.lead_id}/", mia)

    assert f"Accept or reject it. {TEXT} Nov 2, 2026" in lead.text()


def test_nothing_is_said_any_more_once_they_were_contacted(handoff: Handoff, mia: User) -> None:
    request_again(handoff.lead, at=AGAIN)
    call(handoff, mia, AGAIN + timedelta(minutes=5))

    with time_machine.travel(AGAIN + timedelta(minutes=9), tick=False):
        lead, inbox = page_at(f"/leads/{handoff.lead_id}/", mia), page_at("/inbox/", mia)

    assert TEXT not in lead.text()
    assert "New request" not in inbox.text()


def test_inbox_shows_the_time_in_the_zone_of_the_reader(handoff: Handoff, mia: User) -> None:
    User.objects.filter(pk=mia.pk).update(time_zone="Asia/Tokyo")
    request_again(handoff.lead, at=AGAIN)

    with time_machine.travel(AGAIN, tick=False):
        inbox = page_at("/inbox/", User.objects.get(pk=mia.pk))

    assert "New request Nov 11, 6:00 PM" in inbox.text(".offer-line")
