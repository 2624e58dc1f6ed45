from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from api.idempotency import purge_answers
from api.models import IdempotentRequest
from api.tasks import purge_answers as purge_answers_task
from leads.models import Touch
from tests.intake.factories import DEMO, make_key, send
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

A_WEEK = timedelta(days=7)
MOMENT = timedelta(microseconds=1)


def send_with_key(secret: str, key: str, *, after: timedelta = timedelta()) -> int:
    """Send a touch and return its id from the answer."""
    with time_machine.travel(MONDAY_9AM + after, tick=False):
        status, answer = send(Client(), secret, DEMO, key=key)
    assert status == 201
    return int(answer["touch"])


def keys_left() -> list[str]:
    return list(IdempotentRequest.objects.order_by("pk").values_list("key", flat=True))


def test_idempotency_key_is_remembered_for_a_week() -> None:
    secret = make_key()
    first = send_with_key(secret, "form-1")

    assert purge_answers(at=MONDAY_9AM + A_WEEK) == 0
    assert send_with_key(secret, "form-1", after=A_WEEK) == first
    assert purge_answers(at=MONDAY_9AM + A_WEEK + MOMENT) == 1
    assert purge_answers(at=MONDAY_9AM + A_WEEK + MOMENT) == 0

    assert send_with_key(secret, "form-1", after=A_WEEK + 2 * MOMENT) != first
    assert Touch.objects.count() == 2


def test_nightly_task_deletes_old_answers() -> None:
    secret = make_key()
    send_with_key(secret, "old")
    send_with_key(secret, "younger", after=timedelta(days=1))

    with time_machine.travel(MONDAY_9AM + A_WEEK + MOMENT, tick=False):
        purge_answers_task()

    assert keys_left() == ["younger"]


def test_schema_documents_how_long_a_key_is_remembered() -> None:
    schema = Client().get("/api/v1/schema/?format=json").json()

    header, _ = schema["paths"]["/api/v1/touches/"]["post"]["parameters"]
    assert header["description"] == (
        "Recommended. A request with the same key and body returns the first "
        "response again, for at least 7 days."
    )
