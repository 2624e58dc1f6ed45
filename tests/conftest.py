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


def commits(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    if marker is not None and marker.kwargs.get("transaction", False):
        return True
    return bool({"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that commit empty the database behind them, so they come last."""
    items.sort(key=commits)


@pytest.fixture(autouse=True)
def _configured(request: pytest.FixtureRequest) -> None:
    """Fill the database again for a test that commits."""
    if commits(request.node):
        request.getfixturevalue("transactional_db")
        bootstrap(at=MONDAY_9AM)
