"""A colleague covers for a member who is away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from people.absences import change_absence, name_cover, set_absence
from people.covers import BadCover, available_covers, covered_by, possible_covers
from people.models import Absence, Membership, User
from people.roles import Role
from tests.admin_pages import errors_of, open_page
from tests.factories import make_person, make_rep
from tests.pages import signed_in_as
from tests.people.factories import MONDAY_9AM, make_team

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LATER = MONDAY_9AM + DAY


@pytest.fixture
def manager() -> User:
    return make_person(Role.SALES_MANAGER, "Tom")


@pytest.fixture
def ana() -> User:
    return make_rep("Ana")


@pytest.fixture
def ben() -> User:
    return make_rep("Ben")


@pytest.fixture(autouse=True)
def _team(manager: User, ana: User, ben: User) -> None:
    make_team(ana, ben, manager=manager)


def away(member: User, first: int = 0, days: int = 4, cover: User | None = None) -> Absence:
    starts_at = MONDAY_9AM + first * DAY
    return Absence.objects.create(
        user=member, starts_at=starts_at, ends_at=starts_at + days * DAY, cover=cover
    )


def set_with(cover: User, member: User, by: User) -> Absence:
    return set_absence(
        member=member,
        starts_at=MONDAY_9AM,
        ends_at=MONDAY_9AM + 4 * DAY,
        note="",
        by=by,
        cover=cover,
    )


def test_manager_names_a_cover_with_the_time_off(ana: User, ben: User, manager: User) -> None:
    absence = set_with(ben, ana, manager)

    assert [row.user for row in covered_by(ben, at=LATER)] == [ana]
    assert list(available_covers(at=LATER)) == [absence]
    for at in (MONDAY_9AM - DAY, MONDAY_9AM + 4 * DAY):
        assert not covered_by(ben, at=at).exists()


def test_cover_must_be_an_able_teammate_who_is_there(ana: User, ben: User, manager: User) -> None:
    other, marketer = make_rep("Cleo"), make_person(Role.MARKETER, "Max")
    make_team(marketer, ana, manager=manager)
    away(ben, first=-1, days=3)
    away(ben, first=2, days=3)
    refused = {
        ana: "Ana cannot cover for themselves. Choose a colleague.",
        other: "Cleo is not in a team with Ana. Choose a teammate.",
        marketer: "Max may not answer leads. Choose someone who may.",
        ben: "Ben is away the whole time. Choose someone who is there.",
    }

    for cover, message in refused.items():
        with pytest.raises(BadCover) as refusal:
            set_with(cover, ana, manager)
        assert str(refusal.value) == message
    assert not ana.absences.exists()


def test_cover_may_be_away_for_a_part_of_the_time(ana: User, ben: User, manager: User) -> None:
    away(ben, first=0, days=2)
    away(ben, first=3, days=1)

    absence = set_with(ben, ana, manager)

    assert not available_covers(at=LATER).exists()
    assert list(available_covers(at=MONDAY_9AM + 2 * DAY)) == [absence]


def test_cover_stands_in_only_while_able_and_in_the_team(ana: User, ben: User) -> None:
    absence = away(ana, cover=ben)
    assert list(available_covers(at=LATER)) == [absence]

    ben.groups.clear()
    assert not available_covers(at=LATER).exists()
    Membership.objects.filter(user=ben).delete()
    assert not covered_by(ben, at=LATER).exists()


def test_member_names_and_removes_the_own_cover(ana: User, ben: User) -> None:
    absence = away(ana)

    name_cover(absence_id=absence.pk, cover=ben, by=ana, at=LATER)
    assert Absence.objects.get(user=ana).cover == ben
    name_cover(absence_id=absence.pk, cover=None, by=ana, at=LATER)
    assert Absence.objects.get(user=ana).cover is None


def test_colleague_does_not_name_a_cover(ana: User, ben: User) -> None:
    absence = away(ana)

    with pytest.raises(PermissionDenied):
        name_cover(absence_id=absence.pk, cover=ben, by=ben, at=LATER)
    assert Absence.objects.get(user=ana).cover is None


def test_time_off_that_ended_gets_no_cover(ana: User, ben: User) -> None:
    absence = away(ana)

    assert name_cover(absence_id=absence.pk, cover=ben, by=ana, at=absence.ends_at) is None
    assert Absence.objects.get(user=ana).cover is None


def test_cover_is_checked_again_on_new_days(ana: User, ben: User, manager: User) -> None:
    absence = away(ana, cover=ben)
    away(ben, first=9, days=9)
    first_day = (MONDAY_9AM + 10 * DAY).date()

    with pytest.raises(BadCover, match="Ben is away the whole time"):
        change_absence(
            absence_id=absence.pk,
            first_day=first_day,
            last_day=first_day,
            note="",
            reassigns_leads=False,
            cover=ben,
            by=manager,
            at=LATER,
        )
    assert Absence.objects.get(user=ana).starts_at == absence.starts_at


def test_possible_covers_are_listed_once(ana: User, ben: User, manager: User) -> None:
    make_team(ana, ben, manager=manager)

    assert list(possible_covers(ana)) == [ben]


def test_database_refuses_a_person_as_their_own_cover(ana: User) -> None:
    with pytest.raises(IntegrityError, match="cover_is_someone_else"), transaction.atomic():
        away(ana, cover=ana)


def test_admin_refuses_an_impossible_cover(ana: User) -> None:
    absence, cleo = away(ana), make_rep("Cleo")
    client = signed_in_as(make_person(Role.OPERATIONS))
    path, form = open_page(client, absence)
    times = {"starts_at_0": "2026-11-02", "ends_at_0": "2026-11-06"}
    times |= {"starts_at_1": "09:00", "ends_at_1": "09:00"}

    response = client.post(path, form | times | {"cover": str(cleo.pk)})

    assert "Cleo is not in a team with Ana. Choose a teammate." in errors_of(response)
    assert Absence.objects.get().cover is None
