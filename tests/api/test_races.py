"""Concurrent requests, with real commits."""

import pytest
from django.test import Client

from api.models import IdempotentRequest
from leads.models import Contact, Lead, Touch
from tests.intake.factories import DEMO, make_key, send
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_concurrent_requests_with_one_idempotency_key_make_one_touch() -> None:
    secret = make_key()

    answers = at_once(*[lambda: send(Client(), secret, DEMO, key="1")] * 4)

    assert [answer == answers[0] for answer in answers] == [True] * 4
    assert answers[0][0] == 201
    assert (Touch.objects.count(), IdempotentRequest.objects.count()) == (1, 1)


def test_concurrent_touches_of_a_contact_open_one_lead() -> None:
    secret = make_key()

    answers = at_once(*[lambda: send(Client(), secret, DEMO)] * 4)

    assert [status for status, _ in answers] == [201] * 4
    assert sorted(answer["is_new"] for _, answer in answers) == [False, False, False, True]
    assert (Contact.objects.count(), Lead.objects.count(), Touch.objects.count()) == (1, 1, 4)
