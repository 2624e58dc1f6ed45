"""W3: what people do at the same time, at a part of what the server can take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle
from time import perf_counter, sleep
from typing import Final

from tools.bench.answers import ANSWERS, Offers, answering
from tools.bench.goals import GoalResult, goal_of
from tools.bench.http_paths import sending
from tools.bench.intake import CLIENTS, together
from tools.bench.measure import Comparison, Sample, p50, p99, times
from tools.bench.pages import INBOX, LEAD, LIST, OVERVIEW, PANE
from tools.bench.steps import Step
from tools.bench.web import PRODUCT
from tools.bench.world import World

SECONDS: Final = 30
SMALL_SECONDS: Final = 20
PART_OF_CAPACITY: Final = 0.6
QUIET_CALLS: Final = 100
SHARE: Final = 50


def mixed(world: World) -> Iterator[GoalResult]:
    offers = Offers()
    clients = [steps_of_client(world, offers) for _ in range(CLIENTS)]
    quiet = times(clients[0], QUIET_CALLS)
    rate = PART_OF_CAPACITY * together(clients, SHARE)
    seconds = SECONDS if world.size.leads >= 100_000 else SMALL_SECONDS
    with ThreadPoolExecutor(CLIENTS) as pool:
        paced = partial(at_rate, every=CLIENTS / rate, seconds=seconds)
        runs = list(pool.map(paced, clients))
    latencies = [latency for run in runs for latency in run if latency is not None]
    errors = sum(latency is None for run in runs for latency in run)
    note = f"{rate:.0f} requests per second for {seconds} s"
    yield GoalResult(
        goal_of("mixed load, p99 ÷ quiet p50"),
        Comparison(subject=Sample((p99(latencies),)), control=Sample((p50(quiet),))),
        note,
    )
    yield GoalResult(goal_of("errors under mixed load"), Sample((float(errors),)), note)


def steps_of_client(world: World, offers: Offers) -> Step:
    """Return a step for the next of ten requests: seven reads, two touches, one accept."""
    inbox, lead, pane, overview = (
        page.step(world, PRODUCT) for page in (INBOX, LEAD, PANE, OVERVIEW)
    )
    leads, send = LIST.step(world, PRODUCT), sending(world, PRODUCT)
    accept = answering(ANSWERS[0], world, PRODUCT, offers)
    steps = cycle([inbox, pane, send, leads, accept, pane, lead, send, leads, overview])
    return lambda: next(steps)()


def at_rate(step: Step, *, every: float, seconds: float) -> list[float | None]:
    """Start a step at each interval; return how long after its time it was done, None if it failed.

    What waits for an earlier one counts from when it should have started.
    """
    start, taken = perf_counter(), list[float | None]()
    while (due := start + len(taken) * every) < start + seconds:
        sleep(max(due - perf_counter(), 0))
        taken.append(perf_counter() - due if succeeds(step) else None)
    return taken


def succeeds(step: Callable[[], object]) -> bool:
    try:
        step()
    except (AssertionError, OSError):
        return False
    return True
