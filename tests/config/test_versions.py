import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from config import celery, health, versions

pytestmark = pytest.mark.django_db

WORDS = (
    "A newer version used this database: it has the migration people.9999_of_tomorrow, which this "
    "version does not know. Install the newer version again, or restore the backup that was made "
    "before it."
)


@pytest.fixture
def newer() -> None:
    MigrationRecorder(connection).record_applied("people", "9999_of_tomorrow")


def test_own_database_is_accepted() -> None:
    MigrationRecorder(connection).record_applied("removed_app", "0001_initial")

    assert versions.unknown_migrations() == []
    versions.refuse_newer_database()


@pytest.mark.usefixtures("newer")
def test_prepare_refuses_a_newer_database() -> None:
    with pytest.raises(CommandError) as refused:
        call_command("prepare")

    assert str(refused.value) == WORDS


@pytest.mark.usefixtures("newer")
def test_worker_and_beat_refuse_a_newer_database() -> None:
    with pytest.raises(SystemExit) as refused:
        celery.stop_on_a_newer_database()

    assert refused.value.code == WORDS


@pytest.mark.usefixtures("newer")
def test_ready_names_a_newer_database(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    monkeypatch.setattr(health, "_migrated", set())

    answer = client.get("/health/ready/")

    assert answer.status_code == 503
    assert answer.json()["database"] == "migrated by a newer version"


def test_database_that_is_away_stops_no_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> list[str]:
        raise OperationalError

    monkeypatch.setattr(versions, "unknown_migrations", away)
    versions.refuse_newer_database()


@pytest.mark.django_db(transaction=True)
def test_connection_of_the_check_is_closed() -> None:
    versions.refuse_newer_database()

    assert connection.connection is None
