"""W1 and W2: SQL statements per request, and the memory of a web worker."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import cycle
from math import ceil
from pathlib import Path
from typing import Final
from uuid import uuid4

from django.db import connection
from django.test import Client as InProcess
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people.models import User
from tools.bench.answers import Offers
from tools.bench.goals import GoalResult, goal_of
from tools.bench.http_paths import sending
from tools.bench.intake import CLIENTS, TOUCHES, body, together
from tools.bench.measure import Sample
from tools.bench.pages import FUNNEL, INBOX, LIST
from tools.bench.process_memory import megabytes
from tools.bench.steps import Step
from tools.bench.web import PRODUCT, cookies_of, csrf_token
from tools.bench.world import World

REQUESTS: Final = 10_000
TRANSACTION_STATEMENTS: Final = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")


def statements(world: World) -> Iterator[GoalResult]:
    """W1: count each once; the tests in the notes assert the numbers."""
    organization = world.organization
    [(first, by), (second, also_by)] = Offers().take(2)
    counted = {
        "an intake": (touching(organization.secret), "tests/api/test_touches_api.py"),
        "the inbox": (
            visiting(organization.rep, "workspace:inbox"),
            "tests/workspace/test_pages_inbox.py",
        ),
        "an accept": (
            accepting([(first, by), (second, also_by)]),
            "tests/workspace/test_pages_answers.py",
        ),
        "the overview": (
            visiting(organization.reader, "reporting:overview"),
            "tests/reporting/test_pages.py",
        ),
    }
    for name, (step, test) in counted.items():
        step()
        number = Sample((float(count(step)),))
        yield GoalResult(goal_of(f"SQL statements of {name}"), number, f"asserted in {test}")


def count(step: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        step()
    return sum(not query["sql"].startswith(TRANSACTION_STATEMENTS) for query in captured)


def touching(secret: str) -> Callable[[], object]:
    client = InProcess(SERVER_NAME="localhost")

    def send() -> None:
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": uuid4().hex}
        payload = json.dumps(body())
        answer = client.post(TOUCHES, payload, content_type="application/json", headers=headers)
        assert answer.status_code == 201, answer.content

    return send


def visiting(user: User, view_name: str) -> Callable[[], object]:
    client = signed_in_as(user)
    return lambda: client.get(reverse(view_name))


def accepting(offers: list[tuple[int, User]]) -> Callable[[], object]:
    left = iter([(signed_in_as(user), pk) for pk, user in offers])
    form = {"next": reverse("workspace:inbox")}

    def accept() -> None:
        client, pk = next(left)
        answer = client.post(reverse("workspace:accept", args=[pk]), form)
        assert answer.status_code == 302, answer.status_code

    return accept


def signed_in_as(user: User) -> InProcess:
    client = InProcess(SERVER_NAME="localhost")
    client.cookies.load(cookies_of(user, csrf_token()))
    return client


def memory(world: World) -> Iterator[GoalResult]:
    """W2: the larger of the workers after the requests of all paths, or of a mix until as many."""
    left = min(REQUESTS, world.size.leads // 10) - world.requests_to(PRODUCT)
    if left > 0:
        together([mix(world) for _ in range(CLIENTS)], ceil(left / CLIENTS))
    largest = max(map(megabytes, children_of(world.served(PRODUCT).pid)))
    goal = goal_of("web worker after 10 k requests")
    note = f"{world.requests_to(PRODUCT):,} requests"
    yield GoalResult(goal, Sample((largest,)), note)


def mix(world: World) -> Step:
    send = sending(world, PRODUCT)
    inbox, leads, funnel = (page.step(world, PRODUCT) for page in (INBOX, LIST, FUNNEL))
    steps = cycle([inbox, leads, send, funnel, send])
    return lambda: next(steps)()


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
