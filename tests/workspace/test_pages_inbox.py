import re
from datetime import datetime, timedelta
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
from tests.pages import Page, htmx, signed_in_as
from tests.people.factories import MONDAY_9AM, make_team
from workspace.inbox import queries, views

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(minutes=5)


@pytest.fixture
def rep() -> User:
    rep = make_rep("Mia Hoffmann")
    make_pool(rep)
    return rep


def inbox_of(user: User, path: str = "/inbox/", **more: Any) -> str:
    return str(inbox_at(user, path, **more).content.decode())


def inbox_at(user: User, path: str = "/inbox/", *, at: datetime = LATER, **more: Any) -> Any:
    with time_machine.travel(at, tick=False):
        return signed_in_as(user).get(path, **more)


def call(handoff: Handoff, rep: User) -> None:
    log_attempt(
        handoff_id=handoff.pk,
        by=rep,
        channel=Attempt.Channel.CALL,
        outcome=Attempt.Outcome.REACHED,
        occurred_at=MONDAY_9AM,
        at=MONDAY_9AM,
    )


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
    assert "Mon 9:30 AM" in page
    assert "· 25 working\N{NO-BREAK SPACE}min" in page
    assert 'data-state="on_time"' in page


def test_rows_are_sorted_by_due_time_then_score(rep: User) -> None:
    warm = make_handoff(name="Warm", lead_type="download", kind="demo_request", timing="now")
    hot = make_handoff(name="Hot")
    better = make_handoff(name="Better", timing="now", stated_problem="Urgent")
    worked = make_handoff(name="Worked")
    accept_handoff(handoff_id=worked.pk, by=rep, at=MONDAY_9AM)
    call(worked, rep)

    page = inbox_of(rep)

    assert better.lead.score > hot.lead.score
    places = [page.index(f'id="offer-{offer.pk}"') for offer in (better, hot, warm, worked)]
    assert places == sorted(places)


def test_overdue_row_says_late(rep: User) -> None:
    make_handoff()

    with time_machine.travel(MONDAY_9AM + timedelta(hours=2), tick=False):
        page = signed_in_as(rep).get("/inbox/").content.decode()

    assert 'data-state="late"' in page
    assert "· 1\N{NO-BREAK SPACE}h 30 working\N{NO-BREAK SPACE}min late" in page
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


def opened_in(html: str) -> list[str]:
    return re.findall('id="work".*? hx-get="(.*?)" hx-trigger="load', html)


def test_lead_in_the_address_opens_and_else_the_first(rep: User) -> None:
    first, second = make_handoff(name="First"), make_handoff(name="Second")

    opened = inbox_of(rep, f"/inbox/?lead={second.lead_id}")
    unknown = inbox_of(rep, "/inbox/?lead=x%27")

    assert opened_in(opened) == [f"/leads/{second.lead_id}/"]
    assert opened_in(unknown) == [f"/leads/{first.lead_id}/"]


@pytest.mark.parametrize("rows", [1, 50])
def test_the_inbox_takes_three_statements_for_any_number_of_rows(
    rows: int, rep: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows):
        make_handoff()
    client = signed_in_as(rep)

    with django_assert_num_queries(3):
        page = client.get("/inbox/?show=all")

    assert page.content.decode().count("data-key-item") == rows


def test_parts_have_their_counts_and_show_what_a_phone_has_room_for(rep: User) -> None:
    offers = [make_handoff() for _ in range(3)]
    for _ in range(11):
        accept_handoff(handoff_id=make_handoff().pk, by=rep, at=MONDAY_9AM)
    for _ in range(6):
        worked = make_handoff()
        accept_handoff(handoff_id=worked.pk, by=rep, at=MONDAY_9AM)
        call(worked, rep)

    page, whole = Page(inbox_at(rep)), Page(inbox_at(rep, "/inbox/?show=all"))

    titles = [
        "To answer 3 Accept, reject, or cannot evaluate",
        "To contact 11 Accepted, contact not made yet",
        "In progress 6 Contacted, by score",
    ]
    assert page.texts(".offer-part-head") == titles == whole.texts(".offer-part-head")
    assert page.texts(".offer-more") == ["1 more to contact", "1 more in progress"]
    assert [len(page.all("[data-key-item]")), len(whole.all("[data-key-item]"))] == [18, 20]
    assert page.texts(".offer-part:first-child .offer-who") == [
        handoff.lead.contact.name for handoff in offers
    ]
    assert not whole.has(".offer-more")


def test_a_hundred_rows_of_a_part_are_listed_and_all_are_counted(rep: User) -> None:
    for _ in range(103):
        make_handoff()

    page, whole = Page(inbox_at(rep)), Page(inbox_at(rep, "/inbox/?show=all"))

    assert page.text("#part-to_answer") == whole.text("#part-to_answer") == "To answer 103"
    assert page.text(".offer-more") == "83 more to answer"
    assert len(whole.all("[data-key-item]")) == 100
    assert whole.text(".offer-more") == "3 more in your leads"
    assert whole.links(".offer-more a") == [f"/leads/?open=yes&owner={rep.pk}"]


def test_inbox_of_very_many_leads_reads_the_first_due_and_says_so(
    rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    handoffs = [make_handoff(at=MONDAY_9AM + timedelta(seconds=number)) for number in range(4)]
    for module in (queries, views):
        monkeypatch.setattr(module, "MAX_READ", 3)

    page = Page(inbox_at(rep))

    assert page.text("#part-to_answer") == "To answer 3"
    assert page.texts(".offer-who") == [handoff.lead.contact.name for handoff in handoffs[:3]]
    assert "Only the 3 open leads of a rep that are due first are sorted and counted here." in (
        page.text("#offers")
    )
    monkeypatch.undo()
    assert "due first" not in Page(inbox_at(rep)).text("#offers")


def test_open_row_is_shown_even_behind_the_others(rep: User) -> None:
    handoffs = [make_handoff() for _ in range(22)]

    page = Page(inbox_at(rep, f"/inbox/?lead={handoffs[-1].lead_id}"))

    assert len(page.all("[data-key-item]")) == 22
    assert len(Page(inbox_at(rep)).all("[data-key-item]")) == 20


def test_late_rows_are_counted_in_their_part(rep: User) -> None:
    make_handoff()
    make_handoff(at=MONDAY_9AM + timedelta(hours=1, minutes=50))

    page = Page(inbox_at(rep, at=MONDAY_9AM + timedelta(hours=2)))

    assert page.texts(".offer-part-head .badge") == ["1 late"]


def test_row_explains_its_deadline(rep: User) -> None:
    handoff = make_handoff()

    page = Page(inbox_at(rep))

    (rule,) = page.values(f"#offer-{handoff.pk}", "aria-describedby")
    assert page.text(f"#{rule}").replace("\N{NO-BREAK SPACE}", " ") == (
        "30 working min to answer, from Mon 9:00 AM. Amber from Mon 9:24 AM, red when late."
    )


@pytest.mark.parametrize(
    ("answered", "following"), [(0, 1), (1, 2), (2, 0), (3, 4), (4, 0)], ids=str
)
def test_next_lead_is_the_following_row_of_the_part_else_the_first(
    rep: User, answered: int, following: int
) -> None:
    handoffs = [make_handoff(at=MONDAY_9AM + timedelta(seconds=number)) for number in range(5)]
    for handoff in handoffs[3:]:
        accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM)
    expected = handoffs[following].lead_id

    with time_machine.travel(LATER, tick=False):
        client = signed_in_as(rep)
        page = client.get(f"/inbox/after/{handoffs[answered].lead_id}/")
        reason = {"reason": "no_budget", "then": "inbox"}
        answer = client.post(f"/handoffs/{handoffs[answered].pk}/reject/", reason)

    assert page["Location"] == f"/leads/{expected}/?from=inbox"
    assert answer["Location"] == f"/inbox/?lead={expected}"


def test_last_answer_leads_to_the_empty_inbox(rep: User) -> None:
    handoff = make_handoff()

    with time_machine.travel(LATER, tick=False):
        client = signed_in_as(rep)
        alone = client.get(f"/inbox/after/{handoff.lead_id}/")
        reason = {"reason": "no_budget", "then": "page"}
        answer = client.post(f"/handoffs/{handoff.pk}/reject/", reason)

    assert (alone["Location"], answer["Location"]) == ("/inbox/", "/inbox/")


def test_announcement_says_what_changed_and_what_is_next(rep: User) -> None:
    katrin, _ = make_handoff(name="Katrin Kaiser"), make_handoff(name="Ana Ruiz")

    with time_machine.travel(LATER, tick=False):
        response = signed_in_as(rep).post(
            f"/handoffs/{katrin.pk}/reject/",
            {"reason": "no_budget", "then": "inbox"},
            follow=True,
            **htmx("inbox"),
        )

    assert Page(response).values("#inbox", "data-announcement") == [
        "Rejected Katrin Kaiser (No budget or project canceled). Next: Ana Ruiz, 1 to answer."
    ]


def test_lead_page_from_the_inbox_leads_back_and_on(rep: User) -> None:
    handoff = make_handoff()
    address = f"/leads/{handoff.lead_id}/"

    page, other = Page(inbox_at(rep, f"{address}?from=inbox")), Page(inbox_at(rep, address))

    assert page.links(".lead-way a") == ["/inbox/", f"/inbox/after/{handoff.lead_id}/"]
    assert set(page.values("[name=then]")) == {"page"}
    assert not other.has(".lead-way")
    assert set(other.values("[name=then]")) == {""}


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
