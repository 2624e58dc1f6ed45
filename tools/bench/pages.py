"""The pages that are measured: one entry each, for every kind of figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import md5
from operator import attrgetter
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from core.pagination import Cursor
from handoff.models import Handoff
from leads.list_queries import PAGE_SIZE
from leads.models import Lead
from people.models import User
from tools.bench.data import DIGITS, LETTERS, LONG_LEAD
from tools.bench.goals import Goal, GoalResult
from tools.bench.organization import FIRST_NAMES, BenchOrganization, address_of
from tools.bench.steps import Step, against, opening, signed_in_floor
from tools.bench.web import PRODUCT
from tools.bench.world import World

INBOX_ROWS: Final = 50
FAR_PAGE: Final = 2_000
# So many addresses of one page are opened in turn.
ADDRESSES: Final = 20
IN_PANE: Final = {"HX_Request": "true", "HX_Target": "work"}


@dataclass(frozen=True)
class Page:
    """`first` and `goal` are multiples of H1, or of `control`, for the same reader."""

    id: str
    name: str
    reader: Callable[[BenchOrganization], User]
    addresses: Callable[[World], Sequence[str]]
    first: float
    goal: float
    control: Page | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def goal_of_ratio(self) -> Goal:
        label = f"{self.name} ÷ {self.control.name if self.control else 'H1'}"
        return Goal(self.id, label, self.first, self.goal)

    def step(self, world: World, application: str) -> Step:
        client = world.client(application, self.reader(world.organization))
        return opening(client, self.addresses(world), self.headers)


def at(view_name: str, **parameters: str) -> Callable[[World], Sequence[str]]:
    return lambda world: [address(view_name, **parameters)]


def address(view_name: str, **parameters: str) -> str:
    path = reverse(view_name)
    return f"{path}?{urlencode(parameters)}" if parameters else path


def leads_found_by(query: Callable[[World, int], str]) -> Callable[[World], Sequence[str]]:
    return lambda world: [
        address("workspace:leads", q=query(world, number)) for number in range(ADDRESSES)
    ]


def some_lead(world: World, number: int) -> int:
    """Return one of the leads that are spread over the year."""
    return 1 + number * (world.size.leads // ADDRESSES)


def last_name(world: World, number: int) -> str:
    digest = md5(str(some_lead(world, number)).encode(), usedforsecurity=False).hexdigest()
    return digest[:7].translate(str.maketrans(DIGITS, LETTERS))


def first_name(world: World, number: int) -> str:
    return FIRST_NAMES[number % len(FIRST_NAMES)]


def start_of_email(world: World, number: int) -> str:
    return f"person{some_lead(world, number)}@"


def other_dates(view_name: str) -> Callable[[World], Sequence[str]]:
    """Return the report for so many periods of three months that no request repeats one."""

    def addresses(world: World) -> list[str]:
        today = world.at.date()
        periods = (
            (today - timedelta(90 + ago), today - timedelta(ago + short))
            for short in range(10)
            for ago in range(250)
        )
        return [
            address(view_name, **{"from": first.isoformat(), "to": last.isoformat()})
            for first, last in periods
        ]

    return addresses


def far_page(world: World) -> Sequence[str]:
    """Return page 2,000, or the last but one if there are fewer."""
    number = min(FAR_PAGE, world.size.leads // PAGE_SIZE - 1)
    leads = Lead.objects.using(world.database).order_by("-opened_at", "-pk")
    opened_at, pk = leads.values_list("opened_at", "pk")[(number - 1) * PAGE_SIZE - 1]
    return [address("workspace:leads", page=str(Cursor(opened_at.isoformat(), pk)))]


def leads_of_rep(world: World) -> Sequence[str]:
    handoffs = Handoff.objects.using(world.database).open().filter(owner=world.organization.rep)
    leads = handoffs.exclude(lead=LONG_LEAD).order_by("pk").values_list("lead", flat=True)
    return [lead_address(pk) for pk in leads[:ADDRESSES]]


def lead_address(pk: int) -> str:
    return reverse("workspace:lead", args=[pk])


READER, REP = attrgetter("reader"), attrgetter("rep")
MARKETER, OPERATIONS = attrgetter("marketer"), attrgetter("operations")

INBOX: Final = Page("A1", "inbox page of 50 rows", REP, at("workspace:inbox"), 4, 2)
LIST: Final = Page("L1", "leads list", READER, at("workspace:leads"), 4, 2)
LEAD: Final = Page("L4", "lead page", REP, leads_of_rep, 6, 4)
PANE: Final = Page("L4", "lead pane of the inbox", REP, leads_of_rep, 5, 3, headers=IN_PANE)
# The bounds of a lead page, as it has as many parts; D1 is for the two pages of one table.
OVERVIEW: Final = Page("D1", "overview page", READER, at("reporting:overview"), 6, 4)
FUNNEL: Final = Page("D1", "funnel page", READER, at("reporting:funnel"), 3, 1.3)
FILTERS: Final = (
    {"stage": "sal", "source": "website"},
    {"owner": "none", "temperature": "hot"},
    {"lead_type": "demo", "score_from": "85"},
    {"open": "yes", "lead_type": "download"},
)
PAGES: Final = (
    INBOX,
    LEAD,
    PANE,
    Page(
        "L4", "lead page of 1,000 events", REP, lambda world: [lead_address(LONG_LEAD)], 2, 2, LEAD
    ),
    LIST,
    Page("L1", "leads list, page 2,000", READER, far_page, 2, 1.3, LIST),
    *(
        Page(
            "L2",
            f"leads list with {' and '.join(pair)}",
            READER,
            at("workspace:leads", **pair),
            2,
            1.3,
            LIST,
        )
        for pair in FILTERS
    ),
    Page("L3", "leads found by a rare word", READER, leads_found_by(last_name), 5, 3),
    Page("L3", "leads found by a frequent word", READER, leads_found_by(first_name), 10, 5),
    Page("L3", "leads found by how an email starts", READER, leads_found_by(start_of_email), 5, 3),
    Page("L5", "leads list by score", READER, at("workspace:leads", sort="-score"), 10, 5),
    Page("L5", "leads list from score 88", READER, at("workspace:leads", score_from="88"), 10, 5),
    Page(
        "L5",
        "leads found by a frequent word, by score",
        READER,
        at("workspace:leads", q=FIRST_NAMES[0], sort="-score"),
        10,
        10,
    ),
    Page("L6", "returned leads", MARKETER, at("workspace:returned"), 10, 5),
    Page("L6", "leads list of returned", READER, at("workspace:leads", returned="yes"), 10, 5),
    Page("T1", "team page of a leader", READER, at("workspace:team"), 10, 10),
    OVERVIEW,
    FUNNEL,
    Page("D1", "funnel page, other dates", READER, other_dates("reporting:funnel"), 3, 1.3),
    Page("D1", "sources page", READER, at("reporting:sources"), 3, 1.3),
    Page("D1", "sources page, other dates", READER, other_dates("reporting:sources"), 3, 1.3),
    Page("M1", "admin index", OPERATIONS, at("admin:index"), 10, 10),
    Page("M1", "admin user list", OPERATIONS, at("admin:people_user_changelist"), 10, 10),
)


def measured(world: World, page: Page) -> Iterator[GoalResult]:
    """Measure the page against its control."""
    rows = keep_rows(world.organization.rep, INBOX_ROWS)
    control = (
        page.control.step(world, PRODUCT)
        if page.control
        else signed_in_floor(world, page.reader(world.organization))
    )
    note = f"{rows} rows" if page is INBOX else ""
    yield GoalResult(page.goal_of_ratio, against(world, control, page.step(world, PRODUCT)), note)


def keep_rows(rep: User, count: int) -> int:
    """Move offers beyond `count` to another rep, as earlier paths added some."""
    held = Handoff.objects.open().filter(owner=rep)
    kept = list(held.order_by("pk").values_list("pk", flat=True)[:count])
    colleague = User.objects.get(email=address_of("rep1"))
    held.exclude(pk__in=kept).update(owner=colleague)
    return len(kept)
