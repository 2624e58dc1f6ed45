from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from people.absences import end_absence, members_run_by, set_absence
from people.covers import BadAbsence
from people.models import Absence, User
from tests.people.factories import MONDAY_9AM, make_team, make_user

pytestmark = pytest.mark.django_db

A_DAY = timedelta(days=1)


@pytest.fixture
def manager() -> User:
    return make_user()


@pytest.fixture
def member(manager: User) -> User:
    member = make_user()
    make_team(member, manager=manager)
    return member


def set_for(member: User, by: User, days: int = 1) -> Absence:
    return set_absence(
        member=member,
        starts_at=MONDAY_9AM,
        ends_at=MONDAY_9AM + days * A_DAY,
        note="Holiday",
        by=by,
    )


def test_manager_adds_absence_of_a_member(member: User, manager: User) -> None:
    absence = set_for(member, manager)

    assert (absence.user, absence.ends_at, absence.note) == (member, MONDAY_9AM + A_DAY, "Holiday")


def test_absence_longer_than_a_year_is_refused(member: User, manager: User) -> None:
    for days in (0, -1, 400):
        with pytest.raises(BadAbsence):
            set_for(member, manager, days)

    assert not Absence.objects.exists()


def test_manager_of_another_team_cannot_add_absence(member: User, manager: User) -> None:
    other = make_user()
    make_team(make_user(), manager=other)
    absence = set_for(member, manager)

    with pytest.raises(PermissionDenied):
        set_for(member, other)
    with pytest.raises(PermissionDenied):
        end_absence(absence_id=absence.pk, by=other, at=MONDAY_9AM)

    assert Absence.objects.get() == absence


def test_ended_absence_is_kept_and_future_one_deleted(member: User, manager: User) -> None:
    begun = set_for(member, manager, days=5)
    end_absence(absence_id=begun.pk, by=manager, at=MONDAY_9AM + A_DAY)
    begun.refresh_from_db()
    assert begun.ends_at == MONDAY_9AM + A_DAY

    end_absence(absence_id=begun.pk, by=manager, at=MONDAY_9AM + 3 * A_DAY)
    begun.refresh_from_db()
    assert begun.ends_at == MONDAY_9AM + A_DAY

    end_absence(absence_id=begun.pk, by=manager, at=MONDAY_9AM)
    assert not Absence.objects.exists()


def test_overlapping_absence_is_refused(member: User, manager: User) -> None:
    first = set_for(member, manager, days=2)

    for starts, ends in ((0, 2), (1, 3), (-1, 1), (-1, 3)):
        with pytest.raises(BadAbsence, match="from Nov 2, 2026, 9:00 AM to Nov 4, 2026, 9:00 AM"):
            set_from_to(member, manager, starts, ends)
    assert Absence.objects.get() == first

    set_from_to(member, manager, 2, 3)
    set_from_to(member, manager, -1, 0)
    assert Absence.objects.filter(user=member).count() == 3


def set_from_to(member: User, by: User, starts: int, ends: int) -> None:
    set_absence(
        member=member,
        starts_at=MONDAY_9AM + starts * A_DAY,
        ends_at=MONDAY_9AM + ends * A_DAY,
        note="",
        by=by,
    )


def test_ending_a_deleted_absence_does_nothing(member: User, manager: User) -> None:
    future = set_for(member, manager)

    ended = [end_absence(absence_id=future.pk, by=manager, at=MONDAY_9AM) for _ in range(2)]

    assert ended == [member, None]


def test_manager_runs_only_active_members_of_their_teams(member: User, manager: User) -> None:
    User.objects.filter(pk=member.pk).update(is_active=False)

    assert not members_run_by(manager).exists()
