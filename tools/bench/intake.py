"""I1, I2 and I5: a touch over HTTP to an offered lead, and its routing decision."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from typing import Any, Final
from uuid import uuid4

import psycopg
from django.utils import timezone

from api.idempotency import IdempotentCall, hash_values, receive_once
from api.keys import Caller, find_caller
from core.criteria.tree import EVERY_LEAD, AllOf
from handoff.assignment.eligibility import Candidate
from handoff.models import Handoff
from handoff.routing import engine
from handoff.routing.specs import RouteTarget, RuleSetSpec, RuleSpec
from intake.normalize import Vocabulary, normalize
from leads.configuration import configuration as lead_configuration
from leads.criteria import make_condition
from leads.facts import PATHS, facts_from_row
from leads.models import Lead
from people.models import Membership
from tools.bench.goals import GoalResult, goal_of
from tools.bench.measure import (
    ROUNDS,
    Sample,
    alone,
    compare_each,
    compare_until_stable,
    most_stable_of_each,
    p50,
    p95,
    seconds,
    times,
    warm_up,
)
from tools.bench.organization import FIRST_NAMES, UNROUTED_INDUSTRY, Staff, segment
from tools.bench.plain import Plain, plain, recorded
from tools.bench.web import H0, PRODUCT, Client
from tools.bench.world import World

TOUCHES: Final = "/api/v1/touches/"
CLIENTS: Final = 4
DECISIONS: Final = 200
# As many as the smallest rule set has, so that leads go to every pool.
SEGMENTS: Final = Staff().rules - 2
RULES: Final = 50
SEED: Final = 1

Step = Callable[[], object]

_numbers = count()
# Unique per run, so that no contact is sent twice on the same database.
_run = uuid4().hex[:8]


def body() -> dict[str, Any]:
    """Return twenty fields of a new contact at a new company, cycling through segments."""
    number = next(_numbers)
    domain = f"{_run}-{number}.example"
    (_, _, industry), (_, _, employees), (_, _, country) = segment(number % SEGMENTS)
    return {
        "kind": "demo_request",
        "lead_type": "demo",
        "source": "website",
        "medium": "cpc",
        "offer": "Demo",
        "landing_page": "/demo",
        "referrer": "https://search.example/",
        "utm": {"source": "ads", "campaign": "autumn"},
        "email": f"ann@{domain}",
        "external_id": f"{_run}-{number}",
        "name": f"{FIRST_NAMES[number % len(FIRST_NAMES)]} Example {number}",
        "title": "Director of Operations",
        "country": country,
        "consent": True,
        "company": f"Company {number}",
        "industry": industry,
        "employees": employees[0],
        "stated_problem": "Leads wait for days before a rep calls.",
        "product_interest": "Routing",
        "timing": "this_quarter",
    }


class Sender:
    """A client that sends touches, each with its own idempotency key."""

    def __init__(self, client: Client, secret: str) -> None:
        self._client = client
        self._client.headers["Authorization"] = f"Bearer {secret}"

    def send(self) -> None:
        payload = json.dumps(body()).encode()
        answer = self._client.post(
            TOUCHES,
            payload,
            Idempotency_Key=uuid4().hex,
            Content_Type="application/json",
        )
        assert answer.status == 201, answer.body


LOOK_UP: Final = """
SELECT (SELECT id FROM leads_contact WHERE email = %s),
    (SELECT contact_id FROM leads_externalid WHERE value = %s AND NOT is_conflict LIMIT 1),
    (SELECT id FROM leads_company WHERE domain = %s)
"""
KEY: Final = """
SELECT key.id, stored.response FROM api_apikey AS key
LEFT JOIN api_idempotentrequest AS stored
    ON stored.api_key_id = key.id AND stored.key = %s
WHERE key.hash = %s AND key.revoked_at IS NULL
"""
LOCK: Final = """
SELECT id, user_id, balance FROM people_membership WHERE id = ANY(%s) ORDER BY id
FOR NO KEY UPDATE
"""


class PlainIntake:
    """S(intake): look up key, contact and company, lock the pool, write the same rows."""

    def __init__(self, world: World, connection: psycopg.Connection[Any]) -> None:
        caller = find_caller(world.organization.secret, "")
        assert caller is not None, "the bench created this key"
        self._caller = caller
        self._connection = connection

    def median(self, calls: int) -> float:
        steps = iter(self.steps(calls))
        return p50(times(lambda: next(steps)(), calls))

    def steps(self, calls: int) -> list[Step]:
        """Return the writes of so many touches, decided beforehand."""
        with recorded() as written:
            bodies = [receive_in_process(self._caller) for _ in range(calls)]
        pools = [list(changes.updates[Membership]) for changes in written]
        prepared = zip(bodies, pools, map(plain, written), strict=True)
        return [partial(self._write, *write) for write in prepared]

    def _write(self, sent: dict[str, Any], pool: list[int], statement: Plain) -> None:
        execute = self._connection.execute
        execute(KEY, [sent["external_id"], self._caller.hash], prepare=True)
        with self._connection.transaction():
            execute(LOOK_UP, [sent["email"], sent["external_id"], sent["company"]], prepare=True)
            execute(LOCK, [pool], prepare=True)
            execute(*statement, prepare=True)


def receive_in_process(caller: Caller) -> dict[str, Any]:
    sent, at = body(), timezone.now()
    touch = normalize(sent, Vocabulary.of(lead_configuration.now()), at=at, system=caller.system)
    call = IdempotentCall(caller, uuid4().hex, hash_values(sent))
    receive_once(touch, call, at=at, via="api")
    return sent


def intake(world: World) -> Iterator[GoalResult]:
    """I1, and the first half of I2 from the same requests."""
    sender = Sender(world.client(PRODUCT), world.organization.secret)
    floor, bare = world.client(H0), PlainIntake(world, world.plain())
    calls = world.size.calls
    taken: list[list[float]] = []

    def control() -> float:
        return p50(times(lambda: floor.get("/"), calls)) + bare.median(calls)

    def subject() -> float:
        taken.append(times(sender.send, calls))
        return p50(taken[-1])

    comparison = compare_until_stable(control, subject)
    note = f"{open_handoffs_a_rep():,} open handoffs a rep"
    yield GoalResult(goal_of("intake over HTTP, p50 ÷ (H0 + S)"), comparison, note)
    tails = Sample(tuple(p95(round_) / p50(round_) for round_ in taken[-ROUNDS:]))
    yield GoalResult(goal_of("intake p95 ÷ p50"), tails)


def open_handoffs_a_rep() -> int:
    """Return how many a rep has on average; every member has a capacity."""
    memberships = Membership.objects.exclude(capacity=None)
    assert not Membership.objects.filter(capacity=None, team__function="sdr").exists()
    return Handoff.objects.open().exclude(owner=None).count() // memberships.count()


def rate(world: World) -> Iterator[GoalResult]:
    """I2, second half: the rate of four clients, against H0 and against H0 with S after it."""
    secret, calls = world.organization.secret, world.size.calls
    share = calls // CLIENTS
    senders = [Sender(world.client(PRODUCT), secret).send for _ in range(CLIENTS)]
    floors = [partial(world.client(H0).get, "/") for _ in range(CLIENTS)]
    bares = [PlainIntake(world, world.connect()) for _ in range(CLIENTS)]

    def with_writes() -> float:
        writes = [iter(bare.steps(share)) for bare in bares]
        return together([partial(both, *pair) for pair in zip(floors, writes, strict=True)], share)

    def subject() -> float:
        return together(senders, share)

    controls = {"H0": lambda: together(floors, calls), "H0 and S": with_writes}
    warm_up([*controls.values(), subject])
    comparisons = most_stable_of_each(
        lambda: compare_each([*controls.values()], subject, warm_ups=0)
    )
    for name, comparison in zip(controls, comparisons, strict=True):
        note = f"{comparison.subject.median:,.0f} and {comparison.control.median:,.0f} per second"
        goal = goal_of(f"intake, rate of 4 clients ÷ rate of {name}")
        yield GoalResult(goal, comparison, note)


def both(floor: Step, writes: Iterator[Step]) -> None:
    floor()
    next(writes)()


def together(steps: Sequence[Step], calls: int) -> float:
    """Return the calls per second of all clients, each with its own thread and `calls` calls."""

    def run(step: Step) -> None:
        for _ in range(calls):
            step()

    with ThreadPoolExecutor(len(steps)) as pool:
        taken = seconds(lambda: list(pool.map(run, steps)))
    return calls * len(steps) / taken


def decision(world: World) -> Iterator[GoalResult]:
    """I5: evaluate fifty rules, of which the last but one matches, pick a rep, build the trace."""
    row = Lead.objects.filter(stage="mql").values_list(*PATHS)[0]
    facts = facts_from_row(row) | {
        "lead.type": "demo",
        "company.industry": UNROUTED_INDUSTRY,
        "contact.country": "DE",
    }
    rule_set = fifty_rules()
    pool = [Candidate(user_id=number, name=f"Rep {number}") for number in range(20)]

    def decide() -> engine.Decision:
        return engine.decide(facts, rule_set, lambda rule: pool, seed=SEED)

    assert len(decide().trace["rules"]) == RULES - 1, "an earlier rule matched"
    yield GoalResult(
        goal_of("one lead against 50 rules with trace"),
        alone(lambda: p50(times(decide, DECISIONS)) * 1_000_000),
    )


def fifty_rules() -> RuleSetSpec:
    conditions = [segment(number) for number in range(RULES - 2)] + [[("lead.type", "is", "demo")]]
    narrow = (
        RuleSpec(
            id=number,
            name=f"Segment {number}",
            criteria=AllOf(tuple(make_condition(*condition) for condition in parts)),
            target=RouteTarget.POOL,
            team_id=1,
        )
        for number, parts in enumerate(conditions)
    )
    last = RuleSpec(RULES, "All other leads", EVERY_LEAD, RouteTarget.QUEUE, team_id=1)
    return RuleSetSpec(1, (*narrow, last), ("lead.source", "company.name"))
