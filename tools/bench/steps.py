"""Requests as steps that are called again and again, and their comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from typing import Final

from people.models import User
from tools.bench.measure import Comparison, compare_until_stable, p50, times
from tools.bench.web import H1, Client
from tools.bench.world import World

Step = Callable[[], object]
# Until all threads of a worker have prepared and planned the statements.
WARM_UPS: Final = 2
NO_HEADERS: Final[Mapping[str, str]] = {}


def opening(
    client: Client, addresses: Sequence[str], headers: Mapping[str, str] = NO_HEADERS
) -> Step:
    """Return a step that opens the next of the addresses."""
    client.headers.update(headers)
    following = cycle(addresses)

    def get() -> None:
        address = next(following)
        answer = client.get(address)
        assert answer.status == 200, f"{address}: {answer.status}"

    return get


def signed_in_floor(world: World, user: User) -> Step:
    return opening(world.client(H1, user), ["/"])


def against(world: World, control: Step, subject: Step) -> Comparison:
    calls = world.size.page_calls
    return compare_until_stable(
        lambda: p50(times(control, calls)),
        lambda: p50(times(subject, calls)),
        warm_ups=WARM_UPS,
    )
