import gc
import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from tests import parallel, pristine
from tests.databases import Slot

TESTS = Path(__file__).parent
OTHER_LANES = ("browser", "installation", "slow")
WORKER = os.environ.get("PYTEST_XDIST_WORKER")
SLOT = pytest.StashKey[Slot]()

# The numbers of examples that tests ask for are those of `full`; see tests/examples.py.
hypothesis_settings.register_profile("full", max_examples=100, deadline=None)
hypothesis_settings.register_profile("fast", max_examples=20, deadline=None)
hypothesis_settings.load_profile("full")


def pytest_configure(config: pytest.Config) -> None:
    if not os.environ.get("DATABASE_URL"):
        raise pytest.UsageError(
            "The tests need a database: run script/test, which brings one, or set DATABASE_URL."
        )
    # Passwords of tests are not secret, so they may be quick to hash.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Static files are looked up when asked for; a list of all would be made for every client.
    settings.WHITENOISE_AUTOREFRESH = True
    config.stash[SLOT] = Slot()
    parallel.use_own_valkey_database(config.stash[SLOT].number)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Mark by folder, and as `fast` whatever is in no other lane; sort after everyone else."""
    for item in items:
        lane = item.path.relative_to(TESTS).parts[0]
        if lane in OTHER_LANES:
            item.add_marker(lane)
        if not any(map(item.get_closest_marker, OTHER_LANES)):
            item.add_marker("fast")
    yield
    if WORKER:
        parallel.longest_first(items)


def pytest_collection_finish() -> None:
    """Leave what is loaded by now out of every later garbage collection."""
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    return parallel.number_of_workers()


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> parallel.ByFile:
    return parallel.ByFile(config, log)


@pytest.fixture(scope="session")
def django_db_setup(
    pytestconfig: pytest.Config,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Every test starts from a new installation's configuration, also after one that commits.

    A test that is not marked for the database cannot reach it: its rows would stay for the others.
    """
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        with django_db_blocker.unblock():
            # A server that stays may remember sessions and counters of an earlier run.
            cache.clear()
            stack.enter_context(pytestconfig.stash[SLOT].database())
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: pristine.restore())
        yield
        with django_db_blocker.unblock():
            stack.close()
