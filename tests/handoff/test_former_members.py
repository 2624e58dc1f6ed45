"""Round robin balances add up to zero, however a member leaves a team."""

from datetime import timedelta

import pytest
from django.db.models import Sum

from people.invariants import CHECKS
from people.models import Membership, Team
from people.roles import Role
from tests.admin_pages import open_page
from tests.factories import make_handoff, make_person, make_pool, make_rep
from tests.pages import signed_in_as
from tests.people.factories import MONDAY_9AM, make_team

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(minutes=5)


def balances(team: Team) -> dict[int, int]:
    return dict(team.memberships.values_list("user_id", "balance"))


def violations() -> list[str]:
    return [row.subject for check in CHECKS.values() for row in check(LATER)]


def test_member_is_removed_in_the_admin_and_balances_add_up() -> None:
    """R3: before, the check of the balances failed for good."""
    team = make_pool(make_rep(), make_rep(), make_rep())
    for _ in range(4):
        make_handoff()
    client = signed_in_as(make_person(Role.OPERATIONS, "Olga"))
    url, sent = open_page(client, team)

    answer = client.post(url, sent | {"memberships-0-DELETE": "on"})

    assert answer.status_code == 302
    assert team.memberships.count() == 2
    assert violations() == []
    make_handoff()
    assert violations() == []


@pytest.mark.parametrize("balance", [1, -1, 7, -7, 100])
def test_balances_add_up_after_a_user_is_deleted(balance: int) -> None:
    gone, ann, bea, cem = (make_rep() for _ in range(4))
    team, other = make_team(gone, ann, bea, cem), make_team(gone, ann)
    for place in (team, other):
        Membership.objects.filter(team=place, user=gone).update(balance=balance)
        Membership.objects.filter(team=place, user=ann).update(balance=-balance)

    gone.delete()

    assert violations() == []
    assert balances(other) == {ann.pk: 0}


def test_balances_add_up_after_several_members_leave_at_once() -> None:
    team = make_team(*(make_rep() for _ in range(4)))
    for row, balance in zip(team.memberships.order_by("pk"), (5, -9, 3, 1), strict=True):
        Membership.objects.filter(pk=row.pk).update(balance=balance)

    team.memberships.filter(balance__lt=4).exclude(balance=1).delete()

    assert violations() == []
    assert team.memberships.aggregate(sum=Sum("balance"))["sum"] == 0
    team.memberships.all().delete()


def test_balance_stays_when_a_member_changes_teams() -> None:
    ann, bea = make_rep(), make_rep()
    old, new = make_team(ann, bea), make_team(make_rep())
    Membership.objects.filter(user=ann).update(balance=50)
    Membership.objects.filter(user=bea).update(balance=-50)

    Membership.objects.filter(user=ann).update(team=new)

    assert (balances(old), balances(new)[ann.pk]) == ({bea.pk: 0}, 0)
    assert violations() == []
