import pytest
from django.conf import settings
from django.test import Client

from tests.intake.factories import DEMO, TOUCHES, make_key, problem_type
from tests.people.factories import make_user


@pytest.fixture
def browser() -> Client:
    """Return a client that checks CSRF and still sends the cookie of an ended session."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())
    client.session.flush()
    return client


@pytest.mark.django_db
def test_touch_needs_no_csrf_token_and_sets_no_cookie(browser: Client) -> None:
    answer = browser.post(
        TOUCHES, DEMO, "application/json", headers={"Authorization": f"Bearer {make_key()}"}
    )

    assert settings.SESSION_COOKIE_NAME in browser.cookies
    assert answer.status_code == 201
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert "Vary" not in answer.headers
    assert not answer.cookies


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"), [(TOUCHES, 401), ("/api/v1/leads/", 401), ("/api/v1/nothing/", 404)]
)
def test_api_errors_set_no_cookie(browser: Client, path: str, status: int) -> None:
    answer = browser.post(path, DEMO, "application/json")

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not answer.cookies


@pytest.mark.django_db
def test_signed_in_user_without_a_key_is_refused(client: Client) -> None:
    client.force_login(make_user())

    assert client.post(TOUCHES, DEMO, "application/json").status_code == 401


@pytest.mark.django_db
def test_touches_may_be_sent_without_the_trailing_slash(client: Client) -> None:
    answer = client.post(
        TOUCHES.rstrip("/"),
        DEMO,
        "application/json",
        headers={"Authorization": f"Bearer {make_key()}"},
    )

    assert answer.status_code == 201


def test_api_docs_have_a_content_security_policy(client: Client) -> None:
    assert "Content-Security-Policy" in client.get("/api/v1/docs/").headers


def test_unknown_api_address_is_a_problem(client: Client) -> None:
    answer = client.get("/api/v1/nothing/")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": problem_type("not_found"),
        "title": "Not Found",
        "status": 404,
        "detail": "This address does not exist.",
        "code": "not_found",
    }
