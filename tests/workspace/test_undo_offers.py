"""The message that confirms an answer offers to undo it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.contrib.messages.storage.base import Message
from django.test import Client

from handoff.models import Handoff
from people.models import User
from tests.factories import make_handoff_to, make_pool, make_rep
from tests.pages import messages_of, signed_in_as
from tests.people.factories import MONDAY_9AM
from workspace.lead.undo_offers import undo_offer, undo_tags

pytestmark = pytest.mark.django_db

ANSWERED = MONDAY_9AM + timedelta(minutes=5)
ANSWERS: dict[str, dict[str, Any]] = {
    "accept": {},
    "reject": {"reason": "bad_timing"},
    "cannot-evaluate": {"missing": ["contact.has_phone"]},
}


@pytest.fixture
def rep() -> User:
    rep = make_rep("Mia Hoffmann")
    make_pool(rep, make_rep())
    return rep


@pytest.fixture
def handoff(rep: User) -> Handoff:
    return make_handoff_to(rep)


def post(client: Client, handoff: Handoff, action: str, seconds: float, **fields: Any) -> Any:
    with time_machine.travel(ANSWERED + timedelta(seconds=seconds), tick=False):
        return client.post(f"/handoffs/{handoff.pk}/{action}/", {"next": "/inbox/", **fields})


@pytest.mark.parametrize("answer", ANSWERS)
def test_answer_offers_its_undo_for_a_minute(answer: str, rep: User, handoff: Handoff) -> None:
    response = post(signed_in_as(rep), handoff, answer, 0, **ANSWERS[answer])

    [message] = get_messages(response.wsgi_request)
    offer = undo_offer(message, ANSWERED + timedelta(seconds=4))
    assert offer is not None
    assert (offer.href, offer.until) == (
        f"/handoffs/{handoff.pk}/undo/",
        ANSWERED + timedelta(minutes=1),
    )
    assert offer.seconds_left(ANSWERED + timedelta(seconds=4)) == 56
    assert undo_offer(message, ANSWERED + timedelta(minutes=1)) is None


def test_other_messages_offer_nothing() -> None:
    assert undo_offer(Message(20, "Saved.")) is None
    assert undo_offer(Message(20, "Saved.", extra_tags="toast")) is None
    assert undo_tags(7, answered_at=ANSWERED).startswith("undo:7:")


def test_undo_goes_back_to_the_inbox_with_the_lead(rep: User, handoff: Handoff) -> None:
    client = signed_in_as(rep)
    post(client, handoff, "reject", 0, **ANSWERS["reject"])

    response = post(client, handoff, "undo", 9)

    assert response["Location"] == "/inbox/"
    page = client.get("/inbox/")
    assert "Answer undone. The lead is as it was before." in messages_of(page)
    assert Handoff.objects.get(pk=handoff.pk).state == "offered"


def test_second_press_says_that_nothing_changed(rep: User, handoff: Handoff) -> None:
    first_tab, second_tab = signed_in_as(rep), signed_in_as(rep)
    post(first_tab, handoff, "accept", 0)
    post(first_tab, handoff, "undo", 3)

    post(second_tab, handoff, "undo", 4)

    assert messages_of(second_tab.get("/inbox/")) == [
        "This answer was already undone. Nothing changed."
    ]


def test_undo_that_comes_too_late_says_why(rep: User, handoff: Handoff) -> None:
    client = signed_in_as(rep)
    post(client, handoff, "accept", 0)

    post(client, handoff, "undo", 61)

    [_, message] = messages_of(client.get("/inbox/"))
    assert message.startswith("An answer can be undone for one minute.")
    assert Handoff.objects.get(pk=handoff.pk).state == "accepted"
