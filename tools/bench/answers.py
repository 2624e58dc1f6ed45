"""A2 and A3: reps answer offers, one by one and concurrently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Final
from urllib.parse import urlencode

from django.db import DEFAULT_DB_ALIAS, connection
from django.urls import reverse
from django.utils import timezone

from handoff.answers.accept import accept_handoff
from handoff.answers.reject import reject_handoff
from handoff.models import Handoff
from leads.models import EventKind, LeadEvent
from people.models import Membership, User
from tools.bench.goals import GoalResult, goal_of
from tools.bench.measure import Sample, compare_until_stable, p50, times
from tools.bench.plain import plain, recorded
from tools.bench.steps import Step, signed_in_floor
from tools.bench.web import PRODUCT, csrf_token
from tools.bench.world import World

INBOX: Final = "/inbox/"
REASON: Final = "bad_timing"
REDIRECT: Final = 302
SERVER_ERROR: Final = 500
RACERS: Final = 4
MAX_RACED: Final = 500

AnswerFunction = Callable[[int, User], object]

READ: Final = """
SELECT handoff.id, handoff.state, handoff.closed_at, handoff.owner_id, lead.id, lead.stage,
    clock.id, clock.kind, clock.due_at
FROM handoff_handoff AS handoff JOIN leads_lead AS lead ON lead.id = handoff.lead_id
LEFT JOIN handoff_slaclock AS clock
    ON clock.handoff_id = handoff.id AND clock.stopped_at IS NULL
WHERE handoff.id = %s AND handoff.owner_id = %s FOR NO KEY UPDATE OF lead, handoff
"""


@dataclass(frozen=True)
class AnswerKind:
    """A kind of answer: its form, and the function behind it for S."""

    name: str
    view_name: str
    form: dict[str, str]
    answer: AnswerFunction


ANSWERS: Final = (
    AnswerKind(
        "accept",
        "workspace:accept",
        {},
        lambda pk, by: accept_handoff(handoff_id=pk, by=by, at=timezone.now()),
    ),
    AnswerKind(
        "reject",
        "workspace:reject",
        {"reason": REASON},
        lambda pk, by: reject_handoff(handoff_id=pk, reason_code=REASON, by=by, at=timezone.now()),
    ),
)


class Offers:
    """Open offers of many reps; each is used once."""

    def __init__(self, database: str = DEFAULT_DB_ALIAS) -> None:
        self._owners = User.objects.filter(memberships__capacity__isnull=False).in_bulk()
        offers = Handoff.objects.using(database).offered().exclude(owner=None).order_by("-pk")
        self._left = iter(list(offers.values_list("pk", "owner")))

    @property
    def owners(self) -> Iterable[User]:
        return self._owners.values()

    def take(self, count: int) -> list[tuple[int, User]]:
        taken = [(pk, self._owners[owner]) for pk, owner in islice(self._left, count)]
        assert len(taken) == count, "the data has too few offers"
        return taken


class Browser:
    """A connection that sends forms of the inbox for many users."""

    def __init__(self, world: World, form: dict[str, str], application: str = PRODUCT) -> None:
        self._world = world
        self._client = world.client(application)
        self._token = csrf_token()
        self._body = urlencode({**form, "next": INBOX, "csrfmiddlewaretoken": self._token}).encode()
        self._cookies: dict[int, str] = {}

    def sign_in(self, user: User) -> None:
        if user.pk not in self._cookies:
            self._cookies[user.pk] = self._world.cookies_of(user, self._token)

    def send(self, path: str, user: User) -> int:
        self._client.cookies = self._cookies[user.pk]
        answer = self._client.post(
            path, self._body, Content_Type="application/x-www-form-urlencoded"
        )
        return answer.status


def answering(
    kind: AnswerKind, world: World, application: str, offers: Offers | None = None
) -> Step:
    """Return a step that answers the next offer; all reps are signed in beforehand."""
    offers = offers or Offers(world.database)
    browser = Browser(world, kind.form, application)
    for user in offers.owners:
        browser.sign_in(user)

    def answer() -> None:
        [(pk, user)] = offers.take(1)
        status = browser.send(reverse(kind.view_name, args=[pk]), user)
        assert status == REDIRECT, status

    return answer


def answers(world: World) -> Iterator[GoalResult]:
    offers = Offers()
    floor = signed_in_floor(world, world.organization.rep)
    calls = max(world.size.calls // 4, 5)
    for kind in ANSWERS:
        browser = Browser(world, kind.form)
        control = plain_answers(world, kind.answer, offers, calls)
        subject = sent_answers(browser, kind.view_name, offers, calls)
        comparison = compare_until_stable(
            lambda control=control: p50(times(floor, calls)) + control(),  # type: ignore[misc]
            subject,
        )
        yield GoalResult(goal_of(f"{kind.name} ÷ (H1 + S)"), comparison)


def sent_answers(
    browser: Browser, view_name: str, offers: Offers, calls: int
) -> Callable[[], float]:
    def measured() -> float:
        taken = offers.take(calls)
        for _, user in taken:
            browser.sign_in(user)
        left = iter(taken)

        def send() -> None:
            pk, user = next(left)
            status = browser.send(reverse(view_name, args=[pk]), user)
            assert status == REDIRECT, status

        return p50(times(send, calls))

    return measured


def plain_answers(
    world: World, answer: AnswerFunction, offers: Offers, calls: int
) -> Callable[[], float]:
    """S: lock and read, then write the rows that the answer writes."""
    bare = world.plain()

    def measured() -> float:
        taken = offers.take(calls)
        with recorded() as written:
            for pk, user in taken:
                answer(pk, user)
        left = zip(taken, map(plain, written), strict=True)

        def write() -> None:
            (pk, user), statement = next(left)
            with bare.transaction():
                bare.execute(READ, [pk, user.pk], prepare=True).fetchall()
                bare.execute(*statement, prepare=True)

        return p50(times(write, calls))

    return measured


def race(world: World) -> Iterator[GoalResult]:
    """A3: members of a queue accept the same leads concurrently in the same order.

    Count leads without exactly one winner, server errors and deadlocks.
    """
    team_id = Membership.objects.get(user=world.organization.rep).team_id
    members, queued = move_to_queue(team_id, min(MAX_RACED, world.size.leads // 50))
    deadlocks = count_deadlocks()
    with ThreadPoolExecutor(RACERS) as pool:
        browsers = [Browser(world, {}) for _ in members]
        statuses = list(pool.map(accept_all, browsers, members, [queued] * RACERS))
    wins = Counter(
        LeadEvent.objects.filter(kind=EventKind.ACCEPTED, lead__in=queued.values()).values_list(
            "lead", flat=True
        )
    )
    failed = sum(wins[lead] != 1 for lead in queued.values())
    failed += sum(status >= SERVER_ERROR for responses in statuses for status in responses)
    failed += count_deadlocks() - deadlocks
    goal = goal_of("failed races of 4 clients")
    yield GoalResult(goal, Sample((float(failed),)), f"{len(queued):,} leads")


def move_to_queue(team_id: int, count: int) -> tuple[Sequence[User], dict[int, int]]:
    """Move open offers into the queue of the team; return their leads by handoff."""
    members = list(User.objects.filter(memberships__team=team_id).order_by("pk")[:RACERS])
    offers = Handoff.objects.offered().exclude(owner=None).order_by("pk")
    queued = dict(offers.values_list("pk", "lead")[:count])
    with connection.cursor() as cursor:
        for table, ids in (("handoff_handoff", queued), ("leads_lead", queued.values())):
            cursor.execute(
                f"UPDATE {table} SET owner_id = NULL, queue_id = %s WHERE id = ANY(%s)",  # noqa: S608  (no input in it)
                [team_id, list(ids)],
            )
    return members, queued


def accept_all(browser: Browser, member: User, queued: dict[int, int]) -> list[int]:
    browser.sign_in(member)
    return [browser.send(reverse("workspace:accept", args=[pk]), member) for pk in queued]


def count_deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
