"""Sign-out and signed-in pages leave no private data in the browser."""

import pytest
from django.test import Client

from people.roles import Role
from tests.people.factories import make_user_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep() -> Client:
    client = Client()
    client.force_login(make_user_with(Role.REP))
    return client


def test_pages_of_a_session_are_in_no_cache(rep: Client) -> None:
    assert rep.get("/inbox/")["Cache-Control"] == "private, no-store"


def test_answers_without_a_session_set_no_rule(client: Client) -> None:
    assert not client.get("/api/v1/leads/").has_header("Cache-Control")


def test_signing_out_clears_what_the_browser_kept(rep: Client) -> None:
    response = rep.post("/sign-out/")

    assert response["Clear-Site-Data"] == '"cache", "storage"'
