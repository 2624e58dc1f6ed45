import pytest
from django.conf import LazySettings
from django.test import Client

from config import health


def test_live_needs_no_database_or_broker(client: Client) -> None:
    answer = client.get("/health/live/")

    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
def test_ready_when_database_and_broker_answer(client: Client) -> None:
    answer = client.get("/health/ready/")

    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "broker": "ok"}


@pytest.mark.django_db
def test_not_ready_without_broker(client: Client, settings: LazySettings, tmp_path: object) -> None:
    settings.REDIS_URL = f"unix://{tmp_path}/nobody-listens.sock"
    health.broker.cache_clear()

    answer = client.get("/health/ready/")
    health.broker.cache_clear()

    assert answer.status_code == 503
    assert answer.json() == {"database": "ok", "broker": "does not answer"}


def test_health_needs_no_tls(client: Client, settings: LazySettings) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/health/live/").status_code == 200
