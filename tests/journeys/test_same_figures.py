"""A figure that two pages show is one figure."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from handoff.answers.accept import accept_handoff
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reject import reject_handoff
from handoff.models import Handoff
from handoff.reassignment import reassign
from people.models import User
from people.roles import Role
from reporting.registry.metrics import METRICS
from tests.factories import make_handoff, make_person, make_pool, make_rep
from tests.journeys.story import Story
from tests.people.factories import MONDAY_9AM
from workspace.team.queries import DAYS

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
FIRST_DAY = MONDAY_9AM.date()
LAST_MOMENT = MONDAY_9AM + timedelta(days=DAYS - 1)
MIA, JON, TOM = "Mia", "Jon", "Tom Berger"


@pytest.fixture
def manager() -> User:
    """In the team as well; he answers once for one of them."""
    manager = make_person(Role.SALES_MANAGER, TOM)
    make_pool(make_rep(MIA), make_rep(JON), manager, manager=manager)
    return manager


def person(name: str) -> User:
    return User.objects.get(name=name)


def offered_to(name: str, *, days: int = 0) -> Handoff:
    """A lead of that day, given to one of them wherever its turn took it."""
    handoff = make_handoff(at=MONDAY_9AM + timedelta(days=days))
    return handoff if handoff.owner == person(name) else pass_on(handoff, name)


def pass_on(handoff: Handoff, name: str, hours: int = 0) -> Handoff:
    given = reassign(
        handoff_id=handoff.pk,
        to=person(name),
        by=person(TOM),
        at=handoff.offered_at + hours * HOUR,
        although_had_it=True,
    )
    return Handoff.objects.get(pk=given)


def accept(handoff: Handoff, name: str, hours: int = 1) -> None:
    at = handoff.offered_at + hours * HOUR
    accept_handoff(handoff_id=handoff.pk, by=person(name), at=at)


def reject(handoff: Handoff, name: str, hours: int = 1) -> None:
    at = handoff.offered_at + hours * HOUR
    reject_handoff(handoff_id=handoff.pk, reason_code="no_budget", by=person(name), at=at)


def send_back(handoff: Handoff, name: str, hours: int = 1) -> None:
    at = handoff.offered_at + hours * HOUR
    missing = ["company.industry"]
    mark_cannot_evaluate(handoff_id=handoff.pk, missing_fields=missing, by=person(name), at=at)


def make_answers() -> None:
    """Seven leads with an answer of yes or no, four of them yes at first; and what is neither."""
    accept(offered_to(MIA), MIA)
    taken_back = offered_to(MIA)
    accept(taken_back, MIA)
    reject(taken_back, MIA, hours=5)
    reject(offered_to(MIA), MIA)
    given_on = offered_to(JON)
    accept(given_on, JON)
    reject(pass_on(given_on, MIA, hours=2), MIA)
    unclear_later = offered_to(JON)
    accept(unclear_later, JON)
    send_back(unclear_later, JON, hours=4)
    reject(offered_to(JON), TOM)
    reject(offered_to(JON, days=DAYS - 2), JON)
    send_back(offered_to(JON), JON)
    offered_to(MIA)
    reject(offered_to(MIA, days=-1), MIA, hours=30)


def desk_figures(page: str) -> dict[str, tuple[int, int, int]]:
    """Per member: accepted, answered, rejected."""
    rows = [row for row in page.split("<tr>") if 'class="desk-member"' in row]
    figures = {}
    for row in rows:
        (name,) = re.findall(r"</span>([\w ]+)</span></th>", row)
        (of,) = re.findall(r'"Sales acceptance".*?<span class="rate-of">· (\d+ of \d+)', row)
        (rejected,) = re.findall(r'data-label="Rejected at first" class="number">(\d+)<', row)
        accepted, answered = of.split(" of ")
        figures[name] = (int(accepted), int(answered), int(rejected))
    return figures


def overview_note(page: str, name: str) -> str:
    tile = next(tile for tile in page.split('<section class="tile">') if f">{name}</a>" in tile)
    return tile.split('<p class="tile-note">')[1].split("</p>")[0]


def test_the_desk_counts_the_first_answer_as_the_reports_do(manager: User) -> None:
    make_answers()
    story = Story()
    story.workers_run(LAST_MOMENT)

    desk = desk_figures(story.sees(manager, "/team/", LAST_MOMENT))
    days = f"from={FIRST_DAY}&to={LAST_MOMENT.date()}"
    overview = story.sees(manager, f"/reports/?{days}", LAST_MOMENT)

    assert desk == {MIA: (2, 3, 1), JON: (2, 3, 1), TOM: (0, 1, 1)}
    assert overview_note(overview, "Sales acceptance") == "4 of 7"


def test_the_desk_defines_its_figures_in_the_words_of_the_reports(manager: User) -> None:
    page = Story().sees(manager, "/team/", LAST_MOMENT)

    assert METRICS["sales_acceptance"].wording in page
