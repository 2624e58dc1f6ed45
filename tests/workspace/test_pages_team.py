from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from handoff.answers.accept import accept_handoff
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reject import reject_handoff
from handoff.models import Handoff
from people.models import Absence, Membership, Team, User
from people.roles import Role
from reporting.tasks import follow_log
from tests.factories import (
    make_handoff,
    make_person,
    make_pool,
    make_queue,
    make_rep,
    owner_of,
)
from tests.pages import Page, messages_of, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM, make_team

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(minutes=5)


@pytest.fixture
def manager() -> User:
    return make_person(Role.SALES_MANAGER, "Tom Berger")


@pytest.fixture
def team(manager: User) -> Team:
    return make_pool(make_rep("Mia"), make_rep("Jon"), manager=manager)


@pytest.fixture(autouse=True)
def _later() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


def team_page_of(user: User) -> Page:
    return page_at("/team/", user)


def cells_of(page: Page, member: str) -> dict[str, str]:
    """Return the cells of a member's row, by the labels of their columns."""
    row = f'.team-table tr:has(.team-member a:lexbor-contains("{member}")) td'
    return dict(zip(page.values(row, "data-label"), page.texts(row), strict=True))


# --- queues -----------------------------------------------------------------------------------


def test_queue_shows_waiting_leads_by_due_time() -> None:
    rep = make_rep()
    make_queue(rep, name="Inbound")
    make_team(rep, name="Quiet")
    cold = make_handoff(name="Cold", lead_type="low_intent")
    hot = make_handoff(name="Hot")

    page = page_at("/queues/", rep)

    assert page.texts(".card-head") == ["Inbound2 waiting", "QuietEmpty"]
    assert page.texts("[data-key-focus]") == ["Hot", "Cold"]
    rows = [(hot.pk, hot.lead_id), (cold.pk, cold.lead_id)]
    assert page.values(".queue-table form", "action") == [
        f"/handoffs/{handoff_id}/accept/" for handoff_id, _ in rows
    ]
    assert page.values("[name=next]") == [f"/inbox/?lead={lead_id}" for _, lead_id in rows]


def test_accepting_from_a_queue_assigns_the_lead() -> None:
    rep = make_rep()
    make_queue(rep)
    handoff = make_handoff()

    signed_in_as(rep).post(f"/handoffs/{handoff.pk}/accept/")

    handoff.refresh_from_db()
    assert (handoff.state, handoff.owner) == ("accepted", rep)
    assert page_at("/queues/", rep).texts(".card-head span") == ["Empty"]


def test_rep_sees_own_queues_and_other_roles_cannot_accept() -> None:
    rep = make_rep()
    make_queue(rep, name="Inbound")
    make_handoff(name="Ann")
    other = make_rep()
    make_team(other, name="Theirs")

    assert "Ann" not in page_at("/queues/", other).html
    owner_page = page_at("/queues/", make_person(Role.HANDOFF_OWNER))
    assert owner_page.texts("[data-key-focus]") == ["Ann"]
    assert not owner_page.has("main form")
    assert Client().get("/queues/")["Location"] == "/sign-in/?next=/queues/"
    assert signed_in_as(make_person(Role.MARKETER)).get("/queues/").status_code == 403
    assert signed_in_as(make_rep()).get("/queues/").status_code == 200
    assert signed_in_as(rep).post("/queues/").status_code == 405


@pytest.mark.parametrize("change", [{"is_active": False}, {"function": "marketing"}])
def test_queue_of_an_inactive_team_with_leads_is_shown(
    change: dict[str, Any],
) -> None:
    rep, operations = make_rep(), make_person(Role.OPERATIONS)
    queue, empty = make_queue(rep, name="Inbound"), make_team(rep, name="Quiet")
    make_handoff(name="Ann")
    Team.objects.filter(pk__in=[queue.pk, empty.pk]).update(**change)

    for user in (rep, operations):
        page = page_at("/queues/", user)
        assert page.texts("[data-key-focus]") == ["Ann"]
        assert "Quiet" not in page.html


@pytest.mark.parametrize("waiting", [1, 10])
def test_the_queues_take_three_statements(
    waiting: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rep = make_rep()
    make_queue(rep)
    for _ in range(waiting):
        make_handoff()
    client = signed_in_as(rep)

    with django_assert_num_queries(3):
        client.get("/queues/")


# --- the team page ----------------------------------------------------------------------------


def test_members_show_workload_overdue_leads_and_answers(team: Team, manager: User) -> None:
    mia = User.objects.get(name="Mia")
    Membership.objects.filter(user=mia).update(capacity=5)
    for _ in range(8):
        make_handoff()
    mine = list(Handoff.objects.filter(owner=mia).order_by("pk"))
    assert len(mine) == 4
    accept_handoff(handoff_id=mine[0].pk, by=mia, at=MONDAY_9AM)
    accept_handoff(handoff_id=mine[1].pk, by=mia, at=MONDAY_9AM)
    reject_handoff(handoff_id=mine[2].pk, reason_code="no_budget", by=mia, at=MONDAY_9AM)
    follow_log()

    with time_machine.travel(MONDAY_9AM + timedelta(hours=2), tick=False):
        page = team_page_of(manager)

    assert cells_of(page, "Mia") == {
        "Open leads": "3 of 5",
        "To answer": "1",
        "Overdue": "3",
        "Sales acceptance": "67% · 2 of 3",
        "Rejected": "1",
        "Cannot evaluate": "0",
        "Availability": "Available",
    }
    assert page.has("[data-label=Overdue] .tone-bad")


@pytest.mark.parametrize(
    ("column", "number"), [("Sales acceptance", 2), ("Rejected", 1), ("Cannot evaluate", 1)]
)
def test_figures_of_answers_open_their_leads(
    column: str, number: int, team: Team, manager: User
) -> None:
    mia = User.objects.get(name="Mia")
    for _ in range(10):
        make_handoff()
    mine = [handoff.pk for handoff in Handoff.objects.filter(owner=mia).order_by("pk")]
    accept_handoff(handoff_id=mine[0], by=mia, at=MONDAY_9AM)
    accept_handoff(handoff_id=mine[1], by=mia, at=MONDAY_9AM)
    reject_handoff(handoff_id=mine[2], reason_code="no_budget", by=mia, at=MONDAY_9AM)
    mark_cannot_evaluate(
        handoff_id=mine[3], missing_fields=["company.industry"], by=mia, at=MONDAY_9AM
    )
    follow_log()

    [link] = team_page_of(manager).links(f".team-table td[data-label='{column}'] a")

    assert len(page_at(link, manager).all("tbody tr")) == number


def test_answers_about_leads_opened_before_the_last_thirty_days_do_not_count(
    team: Team, manager: User
) -> None:
    handoff = make_handoff()
    accept_handoff(handoff_id=handoff.pk, by=owner_of(handoff), at=MONDAY_9AM)

    with time_machine.travel(MONDAY_9AM + timedelta(days=31), tick=False):
        page = team_page_of(manager)

    assert page.texts('[data-label="Sales acceptance"]') == ["– · 0 of 0"] * 2


def test_time_off_is_added_shown_and_ended(team: Team, manager: User) -> None:
    mia = User.objects.get(name="Mia")
    client = signed_in_as(manager)

    client.post(
        "/team/absences/",
        {"member": mia.pk, "first_day": "2026-11-02", "last_day": "2026-11-08"},
    )
    absence = Absence.objects.get()
    assert team_page_of(manager).text(".team-away .badge") == "Away until Nov 9"

    client.post(f"/team/absences/{absence.pk}/end/")
    absence.refresh_from_db()
    assert absence.ends_at == LATER
    assert cells_of(team_page_of(manager), "Mia")["Availability"] == "Available"


def test_duplicate_time_off_is_refused(team: Team, manager: User) -> None:
    mia = User.objects.get(name="Mia")
    typed = {"member": mia.pk, "first_day": "2026-11-02", "last_day": "2026-11-08"}
    client = signed_in_as(manager)

    for _ in range(2):
        response = client.post("/team/absences/", typed)

    assert response.status_code == 422
    assert Page(response).texts(".field-error") == [
        "Mia already has time off from Nov 2, 2026, 12:00 AM to Nov 9, 2026, 12:00 AM (UTC)."
    ]
    assert Absence.objects.count() == 1


def test_ending_overlapping_time_off_warns_about_the_rest(team: Team, manager: User) -> None:
    mia = User.objects.get(name="Mia")
    ending, other = (
        Absence.objects.create(
            user=mia, starts_at=MONDAY_9AM, ends_at=MONDAY_9AM + timedelta(days=days)
        )
        for days in (1, 7)
    )
    future = Absence.objects.create(
        user=mia, starts_at=LATER + timedelta(days=20), ends_at=LATER + timedelta(days=21)
    )

    assert ended_by(manager, ending) == (
        "Time off ended. Mia is still away until Nov 9, 2026 by another entry."
    )
    assert ended_by(manager, other) == "Time off ended. Mia gets leads again."
    assert ended_by(manager, future) == "Time off ended. Mia gets leads again."
    assert ended_by(manager, future) == "This time off has already ended."


def ended_by(manager: User, absence: Absence) -> str:
    client = signed_in_as(manager)
    response = client.post(f"/team/absences/{absence.pk}/end/", follow=True)
    [message] = messages_of(response)
    return message


def test_time_off_must_end_after_it_starts(team: Team, manager: User) -> None:
    response = signed_in_as(manager).post(
        "/team/absences/",
        {
            "member": User.objects.get(name="Mia").pk,
            "first_day": "2026-11-09",
            "last_day": "2026-11-02",
            "note": "Typed",
        },
    )

    page = Page(response)
    assert page.status == 422
    assert page.texts(".field-error") == ["The last day must not be before the first day."]
    assert page.values("[name=note]") == ["Typed"]
    assert not Absence.objects.exists()


@pytest.mark.parametrize(
    ("times", "starts_at", "ends_at"),
    [
        ({}, "2026-11-09T15:00+00:00", "2026-11-10T15:00+00:00"),
        ({"starts": "12:00"}, "2026-11-10T03:00+00:00", "2026-11-10T15:00+00:00"),
        ({"ends": "12:00"}, "2026-11-09T15:00+00:00", "2026-11-10T03:00+00:00"),
        (
            {"last_day": "2026-11-12", "starts": "08:00", "ends": "09:30"},
            "2026-11-09T23:00+00:00",
            "2026-11-12T00:30+00:00",
        ),
    ],
)
def test_time_off_is_by_days_in_the_time_zone_of_the_member(
    times: dict[str, str], starts_at: str, ends_at: str, team: Team, manager: User
) -> None:
    User.objects.filter(name="Mia").update(time_zone="Asia/Tokyo")
    User.objects.filter(pk=manager.pk).update(time_zone="America/New_York")
    mia = User.objects.get(name="Mia")
    day = {"first_day": "2026-11-10", "last_day": "2026-11-10"}

    signed_in_as(manager).post("/team/absences/", {"member": mia.pk, **day, **times})

    absence = Absence.objects.get()
    assert absence.starts_at == datetime.fromisoformat(starts_at)
    assert absence.ends_at == datetime.fromisoformat(ends_at)
    assert "Mia (Asia/Tokyo)" in team_page_of(manager).texts("[name=member] option")


@pytest.mark.parametrize(
    ("zone", "starts_at", "ends_at"),
    [
        ("Asia/Tokyo", "2026-11-01T15:00+00:00", "2026-11-03T15:00+00:00"),
        ("Europe/Berlin", "2026-11-01T23:00+00:00", "2026-11-03T23:00+00:00"),
    ],
)
def test_time_off_is_shown_by_days_of_the_member(
    zone: str, starts_at: str, ends_at: str, team: Team, manager: User
) -> None:
    User.objects.filter(pk=manager.pk).update(time_zone="America/New_York")
    User.objects.filter(name="Mia").update(time_zone=zone)
    User.objects.filter(name="Jon").update(time_zone="America/New_York")
    mia, client = User.objects.get(name="Mia"), signed_in_as(manager)

    for first_day, last_day in (("2026-11-02", "2026-11-03"), ("2026-11-20", "2026-11-20")):
        days = {"first_day": first_day, "last_day": last_day}
        client.post("/team/absences/", {"member": mia.pk, **days})

    page = team_page_of(manager)
    absence = Absence.objects.earliest("starts_at")
    assert absence.starts_at == datetime.fromisoformat(starts_at)
    assert absence.ends_at == datetime.fromisoformat(ends_at)
    assert str(absence) == "Mia: Nov 2, 2026 to Nov 4, 2026"
    assert page.text(".team-away .badge") == "Away until Nov 4"
    assert zone in cells_of(page, "Mia")["Availability"]
    assert page.texts(".answer-panel [name=member] option") == ["Jon", f"Mia ({zone})"]

    client.post(f"/team/absences/{absence.pk}/end/")
    planned = cells_of(team_page_of(manager), "Mia")["Availability"]
    assert planned == f"Available, away from Nov 20 ({zone})"


def test_selected_leads_are_reassigned_to_the_chosen_member(team: Team, manager: User) -> None:
    for _ in range(2):
        make_handoff()
    mia = User.objects.get(name="Mia")
    open_before = list(Handoff.objects.open())

    response = signed_in_as(manager).post(
        "/team/reassign/",
        {"handoff": [handoff.pk for handoff in open_before], "to": mia.pk},
        follow=True,
    )

    (own,) = [handoff for handoff in open_before if handoff.owner == mia]
    assert messages_of(response) == [
        "1 lead reassigned to Mia. SLA timers restarted.",
        f"1 lead ({own.lead.contact}): Mia already has this lead.",
    ]
    assert set(Handoff.objects.open().values_list("owner", flat=True)) == {mia.pk}
    assert Handoff.objects.filter(state="withdrawn").count() == 1


def test_stale_team_page_reassigns_nothing_and_shows_the_holder(team: Team, manager: User) -> None:
    handoff = make_handoff()
    first, lea = owner_of(handoff), make_rep("Lea")
    team.members.add(lea)
    [second] = team.members.exclude(pk__in=[first.pk, lea.pk])
    client = signed_in_as(manager)
    client.post("/team/reassign/", {"handoff": handoff.pk, "to": second.pk})

    response = client.post("/team/reassign/", {"handoff": handoff.pk, "to": lea.pk}, follow=True)

    assert messages_of(response) == [
        f"1 lead reassigned to {second}. SLA timers restarted.",
        f"This lead was already withdrawn on Nov 2, 2026, 9:05 AM. It is with {second} now.",
    ]
    assert Handoff.objects.open().get().owner == second


def test_reassigning_without_selection_changes_nothing(team: Team, manager: User) -> None:
    handoff = make_handoff()
    client = signed_in_as(manager)

    for sent in ({}, {"handoff": [handoff.pk]}, {"to": manager.pk}, {"handoff": "x", "to": "y"}):
        response = client.post("/team/reassign/", sent, follow=True)
        assert messages_of(response) == ["Select leads and choose who to reassign them to."]

    assert Handoff.objects.open().get() == handoff


@pytest.mark.parametrize("leads", [1, 12])
def test_team_page_takes_eight_statements(
    leads: int, team: Team, manager: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(leads):
        make_handoff()
    client = signed_in_as(manager)

    with django_assert_num_queries(8):
        client.get("/team/")


def test_manager_sees_only_own_teams(team: Team, manager: User) -> None:
    other = make_person(Role.SALES_MANAGER)
    make_team(make_rep("Eva"), manager=other, name="Another team")

    assert "Another team" not in team_page_of(manager).html
    assert team_page_of(other).texts(".team-table th[scope=row]") == ["EEva"]
    assert (
        team_page_of(make_person(Role.SALES_MANAGER)).text(".empty strong")
        == "You don't manage a team yet"
    )


def test_leader_sees_teams_but_cannot_change_them(team: Team) -> None:
    make_handoff()

    page = team_page_of(make_person(Role.LEADER))

    assert cells_of(page, "Mia")["Availability"] == "Available"
    assert "Reassign" not in page.html
    assert "Add time off" not in page.html


def test_team_page_needs_a_manager_role(team: Team, manager: User) -> None:
    handoff = make_handoff()
    mia = User.objects.get(name="Mia")
    absence = Absence.objects.create(
        user=mia, starts_at=MONDAY_9AM, ends_at=MONDAY_9AM + timedelta(days=1)
    )
    other = make_person(Role.SALES_MANAGER)
    make_team(make_rep(), manager=other)
    posts = {
        "/team/reassign/": {
            "handoff": [handoff.pk],
            "to": mia.pk,
            "include_previous_owners": "yes",
        },
        "/team/absences/": {
            "member": mia.pk,
            "first_day": "2026-11-03",
            "last_day": "2026-11-03",
        },
        f"/team/absences/{absence.pk}/end/": {},
    }

    assert Client().get("/team/")["Location"] == "/sign-in/?next=/team/"
    assert signed_in_as(mia).get("/team/").status_code == 403
    assert signed_in_as(manager).post("/team/").status_code == 405
    for path, sent in posts.items():
        assert Client().post(path, sent)["Location"] == "/sign-in/?next=/"
        for user in (mia, make_person(Role.LEADER), make_person(Role.MARKETER)):
            assert signed_in_as(user).post(path, sent).status_code == 403
        assert signed_in_as(other).post(path, sent).status_code in (403, 404)
        assert signed_in_as(manager).get(path)["Location"] == "/team/"
        forged = Client(enforce_csrf_checks=True)
        forged.force_login(manager)
        assert forged.post(path, sent).status_code == 403
    assert Absence.objects.get().ends_at == MONDAY_9AM + timedelta(days=1)
    assert Handoff.objects.open().get() == handoff
