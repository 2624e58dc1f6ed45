from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from config import health
from handoff.pipeline import receive
from tests.factories import make_pool, make_rep, make_touch
from tests.people.factories import MONDAY_9AM

IN_TIME = {"sweep": "ok", "mail": "ok", "reports": "ok"}


def test_live_needs_no_database_or_broker(client: Client) -> None:
    answer = client.get("/health/live/")

    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
def test_ready_when_database_and_broker_answer(client: Client) -> None:
    answer = client.get("/health/ready/")

    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "broker": "ok", **IN_TIME}


@pytest.mark.django_db
def test_not_ready_without_broker(client: Client, settings: LazySettings, tmp_path: object) -> None:
    settings.REDIS_URL = f"unix://{tmp_path}/nobody-listens.sock"
    health.broker.cache_clear()

    answer = client.get("/health/ready/")
    health.broker.cache_clear()

    assert answer.status_code == 503
    assert answer.json() == {"database": "ok", "broker": "does not answer"}


@pytest.mark.django_db
def test_late_sweep_is_named_and_fails_the_check_of_workers(client: Client) -> None:
    at = timezone.now() - timedelta(days=10)
    make_pool(make_rep())
    receive(make_touch(occurred_at=at), at=at, via="test")

    ready, workers = client.get("/health/ready/"), client.get("/health/workers/")

    assert (ready.status_code, workers.status_code) == (200, 503)
    assert workers.json()["sweep"].startswith("late by ")
    assert ready.json()["sweep"].startswith("late by ")


@pytest.mark.django_db
def test_workers_in_time_answer_200(client: Client) -> None:
    answer = client.get("/health/workers/")

    assert (answer.status_code, answer.json()) == (200, IN_TIME)


@pytest.mark.parametrize(
    ("minutes", "text"), [(None, "ok"), (0, "ok"), (5, "ok"), (6, "late by 360 s")]
)
def test_work_is_late_after_its_patience(minutes: int | None, text: str) -> None:
    since = None if minutes is None else MONDAY_9AM - timedelta(minutes=minutes)

    assert health.lateness(since, MONDAY_9AM, timedelta(minutes=5)) == text


def test_health_needs_no_tls(client: Client, settings: LazySettings) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/health/live/").status_code == 200
