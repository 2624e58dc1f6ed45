import pytest
from django.test import Client

from tests.intake.factories import DEMO, TOUCHES, make_key


@pytest.mark.django_db
def test_the_api_is_answered_without_session_or_csrf() -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post(
        TOUCHES, DEMO, "application/json", headers={"Authorization": f"Bearer {make_key()}"}
    )

    assert answer.status_code == 201
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert not answer.cookies
    assert "Content-Security-Policy" not in answer.headers


@pytest.mark.django_db
def test_touches_may_be_sent_without_the_last_slash(client: Client) -> None:
    answer = client.post(
        TOUCHES.rstrip("/"),
        DEMO,
        "application/json",
        headers={"Authorization": f"Bearer {make_key()}"},
    )

    assert answer.status_code == 201


def test_the_pages_of_the_api_go_the_way_of_all_pages(client: Client) -> None:
    assert "Content-Security-Policy" in client.get("/api/v1/docs/").headers


def test_an_address_that_the_api_does_not_have_is_a_problem_too(client: Client) -> None:
    answer = client.get("/api/v1/nothing/")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing here.",
    }
