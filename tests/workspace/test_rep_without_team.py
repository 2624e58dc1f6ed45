"""The inbox of a rep whom no rule can pick says so, and whom to ask."""

from __future__ import annotations

import pytest

from people.models import User
from people.roles import Role
from tests.factories import make_person, make_rep
from tests.pages import page_at
from tests.people.factories import make_team

pytestmark = pytest.mark.django_db

WORDS = "You are not in a team yet, so new leads are not offered to you. Ask {} to add you to one."


@pytest.fixture
def mia() -> User:
    return make_rep("Mia Hoffmann")


def test_rep_without_a_team_is_told_whom_to_ask(mia: User) -> None:
    olga = make_person(Role.OPERATIONS, "Olga Petrov")
    make_person(Role.OPERATIONS, "Pia Quast", is_active=False)
    make_person(Role.OPERATIONS, "Ada Novak")

    page = page_at("/inbox/", mia)

    assert page.texts("main .message-info") == [WORDS.format("Ada Novak or Olga Petrov")]
    assert f"mailto:{olga.email}" in page.links("main .message-info a")


def test_rep_asks_the_administrator_if_no_one_has_the_role(mia: User) -> None:
    page = page_at("/inbox/", mia)

    assert page.texts("main .message-info") == [WORDS.format("your administrator")]


def test_member_of_a_team_is_told_nothing(mia: User) -> None:
    make_team(mia)

    assert not page_at("/inbox/", mia).has("main .message-info")


def test_manager_without_a_team_is_told_nothing() -> None:
    manager = make_person(Role.SALES_MANAGER, "Ines Kaya")

    assert not page_at("/inbox/", manager).has("main .message-info")
