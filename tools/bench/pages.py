"""A1, D1, D2 and L1 to L3: pages over HTTP, against a minimal page for a signed-in user."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Final
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse

from core.pagination import Cursor
from handoff.models import Handoff
from leads.list_queries import PAGE_SIZE
from leads.models import Lead
from people.models import User
from tools.bench.goals import GoalResult, goal_of
from tools.bench.measure import Comparison, compare, most_stable, p50, times
from tools.bench.organization import address_of
from tools.bench.web import H1, PRODUCT, Client, address_of_database, cookies_of, serving
from tools.bench.world import World

INBOX_ROWS: Final = 50
FAR_PAGE: Final = 2_000
DIVISOR: Final = 10
SEARCHES: Final = 20
SMALL_DATABASE: Final = "a_tenth"
FILTERS: Final = (
    {"stage": "sal", "source": "website"},
    {"owner": "none", "temperature": "hot"},
    {"lead_type": "demo", "score_from": "85"},
    {"open": "yes", "lead_type": "download"},
)

Step = Callable[[], object]


def getting(client: Client, path: str) -> Step:
    def get() -> None:
        answer = client.get(path)
        assert answer.status == 200, f"{path}: {answer.status}"

    return get


def against(world: World, control: Step, subject: Step) -> Comparison:
    calls = world.size.calls // 2
    return most_stable(
        lambda: compare(lambda: p50(times(control, calls)), lambda: p50(times(subject, calls)))
    )


def signed_in_floor(world: World, user: User) -> Step:
    return getting(world.client(H1, user), "/")


def inbox(world: World) -> Iterator[GoalResult]:
    rep = world.organization.rep
    client = world.client(PRODUCT, rep)
    rows = keep_rows(rep, INBOX_ROWS)
    comparison = against(
        world, signed_in_floor(world, rep), getting(client, reverse("workspace:inbox"))
    )
    yield GoalResult(goal_of("inbox page of 50 rows ÷ H1"), comparison, f"{rows} rows")


def keep_rows(rep: User, count: int) -> int:
    """Move offers beyond `count` to another rep, as earlier paths added some."""
    held = Handoff.objects.open().filter(owner=rep)
    kept = list(held.order_by("pk").values_list("pk", flat=True)[:count])
    colleague = User.objects.get(email=address_of("rep1"))
    held.exclude(pk__in=kept).update(owner=colleague)
    return len(kept)


def reports(world: World) -> Iterator[GoalResult]:
    reader = world.organization.reader
    client, floor = world.client(PRODUCT, reader), signed_in_floor(world, reader)
    for name in ("funnel", "sources"):
        comparison = against(world, floor, getting(client, reverse(f"reporting:{name}")))
        yield GoalResult(goal_of(f"{name} page ÷ H1"), comparison)


def growth(world: World) -> Iterator[GoalResult]:
    """D2: the same page, with its own server, on a database with a tenth of the leads."""
    reader, path = world.organization.reader, reverse("reporting:overview")
    tenth = world.size.leads // DIVISOR
    with small_database(tenth) as url, serving(PRODUCT, DATABASE_URL=url) as served:
        small = getting(Client(served.port, cookies_of(reader)), path)
        comparison = against(world, small, getting(world.client(PRODUCT, reader), path))
    yield GoalResult(goal_of("overview at ten times the leads ÷ overview"), comparison)


@contextmanager
def small_database(leads: int) -> Iterator[str]:
    """Create a second database and fill it by the same code in another process."""
    url = address_of_database(SMALL_DATABASE)
    drop = f"DROP DATABASE IF EXISTS {SMALL_DATABASE} (FORCE)"
    with connection.cursor() as cursor:
        cursor.execute(drop)
        cursor.execute(f"CREATE DATABASE {SMALL_DATABASE}")
        command = [sys.executable, "-m", "tools.bench", "--make", str(leads)]
        subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=True)
        yield url
        cursor.execute(drop)


def listing(world: World) -> Iterator[GoalResult]:
    """L1 and L2: the first page, a far page, and the first page with two filters."""
    reader, path = world.organization.reader, reverse("workspace:leads")
    client = world.client(PRODUCT, reader)
    first = getting(client, path)
    comparison = against(world, signed_in_floor(world, reader), first)
    yield GoalResult(goal_of("leads list, first page ÷ H1"), comparison)
    number, far = far_page(world.size.leads)
    comparison = against(world, first, getting(client, f"{path}?{urlencode({'page': far})}"))
    yield GoalResult(goal_of("leads list, page 2,000 ÷ page 1"), comparison, f"page {number:,}")
    pairs = [
        against(world, first, getting(client, f"{path}?{urlencode(pair)}")) for pair in FILTERS
    ]
    worst = max(pairs, key=lambda pair: pair.ratio)
    names = " and ".join(FILTERS[pairs.index(worst)])
    yield GoalResult(goal_of("leads list with two filters ÷ unfiltered"), worst, f"worst: {names}")


def far_page(leads: int) -> tuple[int, Cursor]:
    """Return number and cursor of page 2,000, or of the last but one if there are fewer."""
    number = min(FAR_PAGE, leads // PAGE_SIZE - 1)
    rows = Lead.objects.order_by("-opened_at", "-pk").values_list("opened_at", "pk")
    opened_at, pk = rows[(number - 1) * PAGE_SIZE - 1]
    return number, Cursor(opened_at.isoformat(), pk)


def search(world: World) -> Iterator[GoalResult]:
    """L3: search for names, rare ones and some that thousands of contacts have."""
    reader, path = world.organization.reader, reverse("workspace:leads")
    step = world.size.leads // SEARCHES
    names = Lead.objects.filter(pk__in=range(1, step * SEARCHES, step)).values_list("contact__name")
    queries = cycle([name.split()[number % 2] for number, (name,) in enumerate(names)])
    client = world.client(PRODUCT, reader)

    def find() -> None:
        getting(client, f"{path}?{urlencode({'q': next(queries)})}")()

    comparison = against(world, signed_in_floor(world, reader), find)
    yield GoalResult(goal_of("leads found by a word ÷ H1"), comparison)
