import pytest

from core.permissions import Right
from people.models import User
from people.roles import RIGHTS, Role, roles_named, roles_with
from tests.people.factories import make_user_with

#                       REP  MGR  MKT  OWN  OPS  LEAD
MATRIX = """
add_leads               yes  yes  yes  yes  yes  -
answer_handoffs         yes  yes  -    -    -    -
edit_campaigns          -    -    yes  -    -    -
edit_configuration      -    -    -    -    yes  -
edit_contacts           yes  yes  yes  yes  yes  -
edit_context            -    -    yes  yes  -    -
manage_every_team       -    -    -    -    -    -
manage_team             -    yes  -    -    -    -
open_admin              -    -    yes  yes  yes  -
publish                 -    -    -    yes  yes  -
read_reports            yes  yes  yes  yes  yes  yes
reverse_won             -    yes  -    -    yes  -
see_every_lead          -    -    yes  yes  yes  yes
see_leads               yes  yes  yes  yes  yes  yes
see_queues              -    -    -    yes  yes  -
see_superusers          -    -    -    -    -    -
see_teams               -    -    -    yes  -    yes
"""
COLUMNS = (
    Role.REP,
    Role.SALES_MANAGER,
    Role.MARKETER,
    Role.HANDOFF_OWNER,
    Role.OPERATIONS,
    Role.LEADER,
)
ROWS = [line.split() for line in MATRIX.strip().splitlines()]


def test_matrix_has_all_rights_and_roles() -> None:
    assert [row[0] for row in ROWS] == sorted(Right)
    assert set(COLUMNS) == set(Role)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_roles_have_the_rights_of_the_matrix(row: list[str]) -> None:
    right, *cells = row
    expected = {role for role, cell in zip(COLUMNS, cells, strict=True) if cell == "yes"}

    assert {role for role in Role if right in RIGHTS[role]} == expected
    assert roles_with(Right(right)) == expected


def test_names_of_other_groups_are_not_roles() -> None:
    assert roles_named(["Sales rep", "Board"]) == {Role.REP}


@pytest.mark.django_db
def test_user_has_the_rights_of_all_roles() -> None:
    user = make_user_with(Role.REP, Role.LEADER)

    assert user.rights == RIGHTS[Role.REP] | RIGHTS[Role.LEADER]
    assert user.may(Right.SEE_TEAMS)
    assert not user.may(Right.MANAGE_TEAM)


@pytest.mark.django_db
def test_superuser_may_do_everything_but_has_no_rights_of_a_role() -> None:
    user = User.objects.create_superuser("root@ours.example", name="Root")

    assert all(user.may(right) for right in Right)
    assert user.rights == frozenset()
