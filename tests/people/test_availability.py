from datetime import timedelta

import pytest
from django.db import connection

from people.availability import availability, availability_of, editions_of
from people.models import Absence, Team, User
from people.roles import Role
from tests.people.factories import (
    FULL_DAY,
    MONDAY_9AM,
    make_calendar,
    make_team,
    make_user,
    make_user_with,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def test_inactive_and_absent_members_are_marked() -> None:
    here, away, gone, back = (make_user() for _ in range(4))
    team = make_team(here, away, gone, back)
    make_team(make_user())
    Absence.objects.create(user=away, starts_at=MONDAY_9AM, ends_at=MONDAY_9AM + DAY)
    Absence.objects.create(user=back, starts_at=MONDAY_9AM - DAY, ends_at=MONDAY_9AM)
    gone.is_active = False
    gone.save()

    members = availability([team.pk], at=MONDAY_9AM)

    assert [(member.user_id, member.is_active, member.is_absent) for member in members] == [
        (here.pk, True, False),
        (away.pk, True, True),
        (gone.pk, False, False),
        (back.pk, True, False),
    ]


def test_only_answering_roles_may_answer() -> None:
    roles = [Role.REP, Role.SALES_MANAGER, Role.MARKETER, Role.OPERATIONS, Role.LEADER]
    both = make_user_with(Role.MARKETER, Role.REP)
    team = make_team(*(make_user_with(role) for role in roles), make_user(), both)

    members = availability([team.pk], at=MONDAY_9AM)

    assert [member.may_answer for member in members] == [
        True,
        True,
        False,
        False,
        False,
        False,
        True,
    ]


def test_members_of_an_inactive_team_are_not_active() -> None:
    team = make_team(make_user(), is_active=False)

    assert [member.is_active for member in availability([team.pk], at=MONDAY_9AM)] == [False]


def test_own_calendar_overrides_the_teams() -> None:
    own = make_calendar(FULL_DAY, days=range(7))
    owl, worker, manager, nobody = make_user(calendar=own), make_user(), make_user(), make_user()
    team = make_team(owl, worker, manager=manager)
    edition = team.calendar.current_edition_id
    night = MONDAY_9AM - timedelta(minutes=1)

    members = {member.user_id: member for member in availability([team.pk], at=MONDAY_9AM)}

    assert members[owl.pk].edition_id == own.current_edition_id
    assert members[worker.pk].edition_id == edition
    assert [members[owl.pk].is_working(night), members[worker.pk].is_working(night)] == [
        True,
        False,
    ]
    assert members[worker.pk].is_working(MONDAY_9AM)
    assert editions_of({owl.pk, worker.pk, manager.pk, nobody.pk}) == {
        owl.pk: own.current_edition_id,
        worker.pk: edition,
        manager.pk: edition,
        nobody.pk: None,
    }


def team_of(user: User, *preferred: Team) -> int | None:
    membership = availability_of(
        user.pk, at=MONDAY_9AM, preferred_team_ids=[team.pk for team in preferred]
    )
    return membership.team_id if membership else None


def test_user_counts_for_preferred_team_then_oldest_membership() -> None:
    user = make_user()
    first, second, third = (make_team(user) for _ in range(3))
    foreign = make_team(make_user())

    assert team_of(user) == first.pk
    assert team_of(user, foreign) == first.pk
    assert team_of(user, foreign, third, second) == third.pk
    assert team_of(make_user(), first) is None


def test_user_counts_for_an_active_team_if_possible() -> None:
    user = make_user()
    closed = make_team(user, is_active=False)
    assert team_of(user) == closed.pk

    running = make_team(user)
    assert team_of(user, closed) == running.pk


def test_pool_is_planned_once_for_any_teams() -> None:
    teams = [make_team(make_user()).pk for _ in range(2)]

    for number in range(20):
        availability(teams[: 1 + number % 2], at=MONDAY_9AM, lock=True)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans > 5 FROM pg_prepared_statements"
            " WHERE statement LIKE '%FOR NO KEY UPDATE OF membership%'"
        )
        assert cursor.fetchall() == [(True,)]
