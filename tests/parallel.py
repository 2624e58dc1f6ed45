"""Several workers of pytest-xdist on one machine: what each has to itself, and who runs what."""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import parse_qsl, urlencode

import pytest
import redis
from django.conf import settings
from xdist.scheduler import LoadFileScheduling

from tests.databases import SLOTS

MAX_WORKERS: Final = 8
# They start and kill whole installations; two at once would only wait for each other.
KILLING: Final = ("test_killed_at_work.py", "test_up.py", "test_embedded.py")
SLOW_FILES: Final = (
    *KILLING,
    "test_journey_pages.py",
    "test_with_servers.py",
    "test_demo.py",
    "test_access.py",
    "test_journey.py",
    "test_demo_command.py",
)


def number_of_workers() -> int:
    """One for each core; on a single core none, then pytest runs the tests by itself."""
    cores = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    return min(cores, MAX_WORKERS) if cores > 1 else 0


def use_own_valkey_database(slot: int) -> None:
    """Give this process its own sessions, locks and counters."""
    first = int(redis.Redis.from_url(settings.REDIS_URL).get_connection_kwargs().get("db", 0))
    number = (first + slot) % SLOTS
    address, _, options = settings.REDIS_URL.partition("?")
    settings.REDIS_URL = f"{address}?{urlencode({**dict(parse_qsl(options)), 'db': number})}"
    os.environ["REDIS_URL"] = settings.REDIS_URL
    settings.CACHES["default"]["LOCATION"] = settings.REDIS_URL


def longest_first(items: list[pytest.Item]) -> None:
    """Run the longest files first, so that no worker ends long after all others."""
    ranks = {name: rank for rank, name in enumerate(SLOW_FILES)}
    items.sort(key=lambda item: ranks.get(name_of(item.nodeid), len(ranks)))


def file_of(nodeid: str) -> str:
    return nodeid.split("::", 1)[0]


def name_of(nodeid: str) -> str:
    return file_of(nodeid).rpartition("/")[2]


class ByFile(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """A file is run by one worker, in the order given; all that kill are run by the same one."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return "killing" if name_of(nodeid) in KILLING else file_of(nodeid)
