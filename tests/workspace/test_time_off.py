"""Time off on the team page: changed by days, canceled, and listed for the manager."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from people.models import Absence, User
from people.roles import Role
from tests.factories import make_person, make_pool, make_rep
from tests.pages import messages_of, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM, make_team

pytestmark = pytest.mark.django_db

DAYS = {"first_day": "2026-11-09", "last_day": "2026-11-10"}


@pytest.fixture(autouse=True)
def _later() -> Iterator[None]:
    with time_machine.travel(MONDAY_9AM, tick=False):
        yield


@pytest.fixture
def manager() -> User:
    return make_person(Role.SALES_MANAGER)


@pytest.fixture
def mia(manager: User) -> User:
    mia = make_rep("Mia", time_zone="Europe/Berlin")
    make_pool(mia, manager=manager)
    return mia


@pytest.fixture
def absence(mia: User) -> Absence:
    return Absence.objects.create(
        user=mia,
        starts_at=datetime.fromisoformat("2026-11-05T00:00+01:00"),
        ends_at=datetime.fromisoformat("2026-11-07T00:00+01:00"),
    )


def edit(user: User, absence: Absence, **values: str) -> list[str]:
    sent = {**DAYS, **values}
    path = f"/team/absences/{absence.pk}/edit/"
    return messages_of(signed_in_as(user).post(path, sent, follow=True))


def test_time_off_moves_to_other_days_of_the_member(manager: User, absence: Absence) -> None:
    assert edit(manager, absence, note="Conference") == ["Time off of Mia changed."]

    absence.refresh_from_db()
    assert absence.starts_at == datetime.fromisoformat("2026-11-09T00:00+01:00")
    assert absence.ends_at == datetime.fromisoformat("2026-11-11T00:00+01:00")
    assert absence.note == "Conference"


def test_day_that_stays_keeps_its_time(manager: User, absence: Absence) -> None:
    absence.starts_at += timedelta(hours=13)
    absence.save()

    edit(manager, absence, first_day="2026-11-05", last_day="2026-11-12")

    moved = Absence.objects.get()
    assert moved.starts_at == datetime.fromisoformat("2026-11-05T13:00+01:00")
    assert moved.ends_at == datetime.fromisoformat("2026-11-13T00:00+01:00")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"last_day": "2026-11-08"}, "The last day must not be before the first day."),
        (
            {"last_day": "2028-11-08"},
            "Time off can last one year at most. Deactivate users who left.",
        ),
        (
            {"last_day": "2026-11-20"},
            "Mia already has time off from Nov 20, 2026, 12:00 AM to "
            "Nov 21, 2026, 12:00 AM (Europe/Berlin).",
        ),
        ({"first_day": ""}, "Choose the first day."),
    ],
)
def test_impossible_change_is_refused(
    values: dict[str, str], message: str, manager: User, mia: User, absence: Absence
) -> None:
    starts_at = datetime.fromisoformat("2026-11-20T00:00+01:00")
    Absence.objects.create(user=mia, starts_at=starts_at, ends_at=starts_at + timedelta(days=1))

    assert edit(manager, absence, **values) == [message]

    before = absence.starts_at, absence.ends_at
    absence.refresh_from_db()
    assert (absence.starts_at, absence.ends_at) == before


def test_only_the_manager_of_the_member_changes_time_off(mia: User, absence: Absence) -> None:
    other = make_person(Role.SALES_MANAGER)
    make_team(make_rep(), manager=other)
    path = f"/team/absences/{absence.pk}/edit/"

    for user in (other, mia, make_person(Role.LEADER)):
        assert signed_in_as(user).post(path, DAYS).status_code == 403
    assert Absence.objects.get().starts_at == absence.starts_at


def test_manager_sees_who_is_out_now_and_next(manager: User, mia: User, absence: Absence) -> None:
    Absence.objects.create(
        user=mia, starts_at=MONDAY_9AM - timedelta(days=1), ends_at=MONDAY_9AM + timedelta(days=1)
    )

    page = page_at("/team/", manager)

    assert page.texts(".time-off-when") == [
        "Mia Nov 1, 2026 to Nov 3, 2026 Away now Europe/Berlin",
        "Mia Nov 5, 2026 to Nov 6, 2026 Europe/Berlin",
    ]
    assert page.values(".time-off input[name=first_day]") == ["2026-11-01", "2026-11-05"]
    assert page.texts(".time-off form:not(.answer-panel) button") == [
        "End time off of Mia",
        "Cancel time off of Mia",
    ]
    leader = page_at("/team/", make_person(Role.LEADER))
    assert leader.has(".time-off-when")
    assert not leader.has(".time-off form")


def test_filter_by_member_lists_their_handoffs(manager: User, mia: User) -> None:
    page = page_at(f"/team/?member={mia.pk}", manager)

    assert page.text("#handoffs h2") == "Open handoffs of Mia"
    assert page.values("select[name=member] option[selected]") == [str(mia.pk)]
    assert page_at("/team/?member=0", manager).text("#handoffs h2") == "Open handoffs"


@pytest.mark.parametrize("members", [1, 10])
def test_team_page_statements_do_not_grow_with_time_off(
    members: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    boss = make_person(Role.SALES_MANAGER)
    reps = [make_rep() for _ in range(members)]
    make_pool(*reps, manager=boss)
    for rep in reps:
        Absence.objects.create(
            user=rep, starts_at=MONDAY_9AM, ends_at=MONDAY_9AM + timedelta(days=1)
        )
    client = signed_in_as(boss)

    with django_assert_num_queries(8):
        client.get("/team/")
