"""The first page of a person without a role says whom to ask."""

import pytest

from people.roles import Role
from tests.pages import Page, page_at, signed_in_as
from tests.people.factories import make_user, make_user_with
from tests.statements import exactly_statements
from workspace.home import MAX_HELPERS

pytestmark = pytest.mark.django_db


def test_people_who_can_assign_a_role_are_named_with_their_address() -> None:
    operations = make_user_with(Role.OPERATIONS, Role.LEADER)
    left = make_user_with(Role.OPERATIONS)
    left.is_active = False
    left.save()
    make_user_with(Role.SALES_MANAGER)
    reader = make_user()

    page = page_at("/", reader)

    assert page.texts(".empty li") == [f"{operations.name}, {operations.email}"]
    assert page.links(".empty a") == [f"mailto:{operations.email}"]
    assert f"assign a role to {reader.email}" in page.text(".empty p")


def test_without_operations_the_administrator_is_named() -> None:
    page = page_at("/", make_user())

    assert page.texts(".empty li") == []
    assert "Ask your administrator" in page.text(".empty p")


def test_few_are_named_in_one_statement() -> None:
    for _ in range(MAX_HELPERS + 2):
        make_user_with(Role.OPERATIONS)
    client = signed_in_as(make_user())
    client.get("/")

    with exactly_statements(2):
        page = Page(client.get("/"))

    assert len(page.all(".empty li")) == MAX_HELPERS
