from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from handoff.answers.accept import accept_handoff
from handoff.answers.attempts import log_attempt
from handoff.models import Attempt, Handoff
from people.models import User
from people.roles import Role
from tests.factories import (
    make_handoff,
    make_person,
    make_pool,
    make_rep,
    route_everything_to,
)
from tests.pages import htmx, signed_in_as
from tests.people.factories import MONDAY_9AM, make_team

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(minutes=5)


@pytest.fixture
def rep() -> User:
    rep = make_rep("Mia Hoffmann")
    make_pool(rep)
    return rep


def inbox_of(user: User, path: str = "/inbox/", **more: Any) -> str:
    with time_machine.travel(LATER, tick=False):
        return signed_in_as(user).get(path, **more).content.decode()


def test_row_shows_contact_problem_and_time_left(rep: User) -> None:
    make_handoff(
        name="Élodie <Dubois>",
        title="VP Supply Chain",
        seniority="vp",
        company="Vega & Sons",
        stated_problem="Pallets get lost.\nEvery week.",
    )

    page = inbox_of(rep)

    assert "Élodie &lt;Dubois&gt;" in page
    assert "VP Supply Chain" in page
    assert "Vega &amp; Sons" in page
    assert "Demo or quote request" in page
    assert "Pallets get lost." in page
    assert "Every week." not in page
    assert "25 min left" in page
    assert 'data-state="on_time"' in page


def test_rows_are_sorted_by_due_time_then_score(rep: User) -> None:
    warm = make_handoff(name="Warm", lead_type="download", kind="demo_request", timing="now")
    hot = make_handoff(name="Hot")
    better = make_handoff(name="Better", timing="now", stated_problem="Urgent")
    worked = make_handoff(name="Worked")
    accept_handoff(handoff_id=worked.pk, by=rep, at=MONDAY_9AM)
    log_attempt(
        handoff_id=worked.pk,
        by=rep,
        channel=Attempt.Channel.CALL,
        outcome=Attempt.Outcome.REACHED,
        occurred_at=MONDAY_9AM,
        at=MONDAY_9AM,
    )

    page = inbox_of(rep)

    assert better.lead.score > hot.lead.score
    places = [page.index(f'id="offer-{offer.pk}"') for offer in (better, hot, warm, worked)]
    assert places == sorted(places)


def test_overdue_row_says_late(rep: User) -> None:
    make_handoff()

    with time_machine.travel(MONDAY_9AM + timedelta(hours=2), tick=False):
        page = signed_in_as(rep).get("/inbox/").content.decode()

    assert 'data-state="late"' in page
    assert "1 h 30 min late" in page
    assert "1 late" in page


def test_inbox_shows_only_own_open_handoffs(rep: User) -> None:
    make_handoff(name="Mine")
    other = make_rep()
    route_everything_to(make_team(other))
    make_handoff(name="Theirs")

    page = inbox_of(rep)

    assert "Mine" in page
    assert "Theirs" not in page
    assert "Theirs" in inbox_of(other)


def test_empty_inbox_shows_the_next_step() -> None:
    nobody = make_rep()
    queue = make_team(nobody)
    route_everything_to(make_team(make_rep()))

    assert "You're all caught up" in inbox_of(nobody)
    assert "New leads appear here" in inbox_of(nobody)

    make_handoff()
    Handoff.objects.update(owner=None, queue=queue)
    page = inbox_of(nobody)
    assert "Accept the next lead from a queue" in page
    assert "1 waiting" in page


def test_refresh_returns_only_the_list(rep: User) -> None:
    handoff = make_handoff()

    part = inbox_of(rep, f"/inbox/?lead={handoff.lead_id}", **htmx("offers"))

    assert part.lstrip().startswith('<form class="offers" id="offers"')
    assert "<html" not in part
    assert part.count('aria-current="true"') == 1


def test_lead_in_the_address_opens_beside_the_list(rep: User) -> None:
    handoff = make_handoff()

    opened = inbox_of(rep, f"/inbox/?lead={handoff.lead_id}")
    unknown = inbox_of(rep, "/inbox/?lead=x%27")

    assert f'hx-get="/leads/{handoff.lead_id}/" hx-trigger="load"' in opened
    assert "Select a lead to see its details" in unknown


@pytest.mark.parametrize("rows", [1, 50])
def test_the_inbox_takes_three_statements_for_any_number_of_rows(
    rows: int, rep: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows):
        make_handoff()
    client = signed_in_as(rep)

    with django_assert_num_queries(3):
        page = client.get("/inbox/")

    assert page.content.decode().count("data-key-item") == rows


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    assert client.get("/inbox/")["Location"] == "/sign-in/?next=/inbox/"


@pytest.mark.parametrize("role", [Role.MARKETER, Role.LEADER, Role.OPERATIONS])
def test_inbox_needs_a_sales_role(role: Role) -> None:
    assert signed_in_as(make_person(role)).get("/inbox/").status_code == 403


def test_inactive_user_is_signed_out(rep: User) -> None:
    client = signed_in_as(rep)
    User.objects.filter(pk=rep.pk).update(is_active=False)

    assert client.get("/inbox/").status_code == 302


def test_inbox_refuses_post(rep: User) -> None:
    assert signed_in_as(rep).post("/inbox/").status_code == 405
