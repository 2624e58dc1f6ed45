import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from config.bootstrap import bootstrap
from tests import parallel, pristine
from tests.people.factories import MONDAY_9AM

WORKER = os.environ.get("PYTEST_XDIST_WORKER")


def pytest_configure(config: pytest.Config) -> None:
    if not os.environ.get("DATABASE_URL"):
        raise pytest.UsageError(
            "The tests need a database: run script/test, which brings one, or set DATABASE_URL."
        )
    # The passwords of tests are no secrets, so they may be quick to hash.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Static files are looked up when asked for; a list of all would be made for every client.
    settings.WHITENOISE_AUTOREFRESH = True
    if WORKER:
        parallel.use_own_valkey_database(WORKER)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if WORKER:
        parallel.longest_first(items)


def pytest_xdist_auto_num_workers() -> int:
    return parallel.number_of_workers()


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> parallel.ByFile:
    return parallel.ByFile(config, log)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Every test starts from a new installation's configuration, also after one that commits."""
    with django_db_blocker.unblock():
        bootstrap(at=MONDAY_9AM)
        pristine.keep()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: pristine.restore())
        yield
