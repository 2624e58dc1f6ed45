"""Several workers of pytest-xdist on one machine: what each has to itself, and who runs what."""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import parse_qsl, urlencode

import pytest
import redis
from django.conf import settings
from xdist.scheduler import LoadFileScheduling

MOST_WORKERS: Final = 8
VALKEY_DATABASES: Final = 16  # what a server has unless told otherwise
# They start and kill whole installations; two at once would only wait for each other.
KILLING: Final = (
    "tests/tools/test_killed_at_work.py",
    "tests/tools/test_up.py",
    "tests/tools/test_embedded.py",
)
LONGEST: Final = (*KILLING, "tests/browser/test_journey_pages.py")


def number_of_workers() -> int:
    """One for each core; on a single core none, then pytest runs the tests by itself."""
    cores = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    return min(cores, MOST_WORKERS) if cores > 1 else 0


def use_own_valkey_database(worker: str) -> None:
    """For sessions, locks and counters; in PostgreSQL pytest-django gives each worker its own."""
    first = int(redis.Redis.from_url(settings.REDIS_URL).get_connection_kwargs().get("db", 0))
    number = (first + int(worker.removeprefix("gw"))) % VALKEY_DATABASES
    address, _, options = settings.REDIS_URL.partition("?")
    settings.REDIS_URL = f"{address}?{urlencode({**dict(parse_qsl(options)), 'db': number})}"
    os.environ["REDIS_URL"] = settings.REDIS_URL
    settings.CACHES["default"]["LOCATION"] = settings.REDIS_URL


def longest_first(items: list[pytest.Item]) -> None:
    """Whoever ends up with them should not be the one all others wait for."""
    ranks = {file: rank for rank, file in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(file_of(item.nodeid), len(ranks)))


def file_of(nodeid: str) -> str:
    return nodeid.split("::", 1)[0]


class ByFile(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """A file is run by one worker, in the order given; all that kill are run by the same one."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        file = file_of(nodeid)
        return "killing" if file in KILLING else file
