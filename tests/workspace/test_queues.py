from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from leads.models import Lead
from people.models import Team, User
from people.roles import Role
from tests.factories import make_handoff, make_person, make_queue, make_rep
from tests.pages import Page, messages_of, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM, make_team
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep() -> User:
    rep = make_rep()
    make_queue(rep, name="Inbound")
    return rep


def names(page: Page) -> list[str]:
    return page.texts("[data-key-focus]")


def test_queues_page_names_a_filter_that_it_does_not_have() -> None:
    client = signed_in_as(make_person(Role.OPERATIONS))

    assert messages_of(client.get("/queues/?team=3")) == ["Ignored: “team” is not a filter here."]
    assert messages_of(client.get("/queues/?sort=size")) == [
        "Ignored: “size” is not an order here."
    ]
    assert messages_of(client.get("/queues/")) == []


ORDERS: dict[str, Callable[[Lead], Any]] = {
    "name": lambda lead: str(lead.contact).lower(),
    "company": lambda lead: str(lead.company).lower(),
    "score": lambda lead: lead.score,
    "waiting": lambda lead: lead.handoffs.get().offered_at,
    "due": lambda lead: lead.handoffs.get().clocks.get(kind="answer").due_at,
}


@pytest.mark.parametrize("order", ORDERS)
def test_queue_is_sorted_by_each_column_in_both_directions(order: str, rep: User) -> None:
    for place, (name, company, score) in enumerate(
        [("Cleo", "beta", 60), ("ada", "Gamma", 90), ("Ben", "Alpha", 75)]
    ):
        at = MONDAY_9AM + timedelta(minutes=[7, 3, 5][place])
        lead = make_handoff(name=name, company=company, at=at).lead
        Lead.objects.filter(pk=lead.pk).update(score=score)
    leads = sorted(Lead.objects.all(), key=ORDERS[order])
    expected = [str(lead.contact) for lead in leads]

    up, down = page_at(f"/queues/?sort={order}", rep), page_at(f"/queues/?sort=-{order}", rep)

    assert names(up) == expected
    assert names(down) == expected[::-1]
    assert len(up.all("th[aria-sort=ascending]")) == len(down.all("th[aria-sort=descending]")) == 1


def test_head_links_to_its_order_and_then_to_the_opposite(rep: User) -> None:
    make_handoff()

    pages = [page_at(f"/queues/{query}", rep) for query in ("", "?sort=-score", "?sort=score")]

    assert pages[0].texts("th[aria-sort]") == ["Answer due"]
    assert [page.links("thead .number a") for page in pages] == [
        ["?sort=-score"],
        ["?sort=score"],
        ["?sort=-score"],
    ]


def test_long_queue_shows_ten_leads_and_has_pages_of_its_own(rep: User) -> None:
    for number in range(23):
        make_handoff(name=f"Lead {number:02}")
    queue = Team.objects.get(name="Inbound")

    every = page_at("/queues/?sort=name", rep)
    href = f"?queue={queue.pk}&sort=name"
    first = page_at(f"/queues/{href}", rep)
    second = page_at(f"/queues/{href}&page=2", rep)

    assert names(every) == [f"Lead {number:02}" for number in range(10)]
    assert every.texts(".card-head span") == ["23 waiting"]
    assert every.links(".card-foot a") == [href]
    assert names(first) == [f"Lead {number:02}" for number in range(20)]
    assert first.links(".pages a") == [f"{href}&page=2"]
    assert names(second) == ["Lead 20", "Lead 21", "Lead 22"]
    assert second.links(".pages a") == [f"{href}&page=1"]


def test_page_of_a_queue_is_for_those_who_pull_from_it(rep: User) -> None:
    theirs = make_team(make_rep(), name="Theirs")

    assert signed_in_as(rep).get(f"/queues/?queue={theirs.pk}").status_code == 404
    operations = signed_in_as(make_person(Role.OPERATIONS))
    assert operations.get(f"/queues/?queue={theirs.pk}").status_code == 200
    assert operations.get("/queues/?queue=99999999").status_code == 404


@pytest.mark.parametrize("waiting", [1, 30])
def test_page_of_a_queue_takes_three_statements(waiting: int, rep: User) -> None:
    for _ in range(waiting):
        make_handoff()
    client = signed_in_as(rep)
    queue = Team.objects.get(name="Inbound")

    with exactly_statements(3):
        client.get(f"/queues/?queue={queue.pk}&sort=company")
