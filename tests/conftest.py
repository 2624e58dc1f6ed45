import os

import pytest
from pytest_django import DjangoDbBlocker

from config.bootstrap import bootstrap
from tests.people.factories import MONDAY_9AM


def pytest_configure(config: pytest.Config) -> None:
    if not os.environ.get("DATABASE_URL"):
        raise pytest.UsageError(
            "The tests need a database: run script/test, which brings one, or set DATABASE_URL."
        )


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Every test starts from a new installation's configuration."""
    with django_db_blocker.unblock():
        bootstrap(at=MONDAY_9AM)


@pytest.fixture(autouse=True)
def _configured(request: pytest.FixtureRequest) -> None:
    """Tests that commit empty the database behind them; the next one needs it filled again."""
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction", False)
    if commits or {"transactional_db", "live_server"} & set(request.fixturenames):
        request.getfixturevalue("transactional_db")
        bootstrap(at=MONDAY_9AM)
