from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from people.models import User
from people.roles import Role
from tests.pages import Page, messages_of
from tests.people.factories import make_user_with
from workspace.home import HOMES, home_of

PASSWORD = "a quiet harbor at dawn"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_tries_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana@ours.example", PASSWORD, name="Ana de Souza")


def sign_in(client: Client, email: str, password: str, **fields: str) -> HttpResponse:
    response = client.post("/sign-in/", {"username": email, "password": password, **fields})
    assert isinstance(response, HttpResponse)
    return response


def test_sign_in_ignores_case_of_the_email(client: Client, ana: User) -> None:
    response = sign_in(client, " Ana@Ours.example", PASSWORD)

    assert response.status_code == 302
    assert response["Location"] == "/"
    assert client.session["_auth_user_id"] == str(ana.pk)


def test_wrong_password_shows_an_error_and_keeps_the_email(client: Client, ana: User) -> None:
    response = sign_in(client, "ana@ours.example", "guessed")

    page = Page(response)
    assert page.status == 200
    assert page.text("form [role=alert]") == "Wrong email or password."
    assert page.values("[name=username]") == ["ana@ours.example"]
    assert "guessed" not in page.html
    assert "_auth_user_id" not in client.session


def test_lockout_covers_every_spelling_of_the_email(client: Client, ana: User) -> None:
    for _ in range(5):
        sign_in(client, "ana@ours.example", "guessed")

    response = sign_in(client, "ANA@ours.example", PASSWORD)

    page = Page(response)
    assert page.status == 429
    assert page.text("h1") == "Sign-in is locked"
    assert page.text("[role=alert]:not([hidden])") == (
        "Too many failed attempts. Sign-in is locked for 15\N{NO-BREAK SPACE}min."
    )
    assert "_auth_user_id" not in client.session


def test_sign_in_returns_to_the_requested_page(client: Client, ana: User) -> None:
    redirect = client.get("/notices/")
    response = sign_in(client, ana.email, PASSWORD, next="/notices/")

    assert redirect["Location"] == "/sign-in/?next=/notices/"
    assert response["Location"] == "/notices/"


@pytest.mark.parametrize(
    ("referer", "back_to"),
    [
        ("http://testserver/team/?team=3", "/team/%3Fteam%3D3"),
        ("http://elsewhere.example/team/", "/"),
        ("http://testserver.elsewhere.example/team/", "/"),
        ("", "/"),
    ],
)
@pytest.mark.parametrize("form", ["/team/reassign/", "/notices/read/"])
def test_form_after_session_end_returns_to_its_page(
    client: Client, form: str, referer: str, back_to: str
) -> None:
    response = client.post(form, headers={"Referer": referer})

    assert response["Location"] == f"/sign-in/?next={back_to}"
    assert messages_of(client.get(response["Location"])) == [
        "You were signed out, so nothing was saved."
    ]


def test_sign_in_never_redirects_to_another_site(client: Client, ana: User) -> None:
    response = sign_in(client, ana.email, PASSWORD, next="https://elsewhere.example/")

    assert response["Location"] == "/"


def test_htmx_request_to_sign_in_reloads_the_page(client: Client) -> None:
    response = client.get("/sign-in/", headers={"HX-Request": "true"})

    assert response["HX-Refresh"] == "true"
    assert isinstance(response, HttpResponse)
    assert response.content == b""


def test_sign_out_needs_post_and_ends_the_session(client: Client, ana: User) -> None:
    client.force_login(ana)

    assert client.get("/sign-out/").status_code == 302
    assert client.get("/account/").status_code == 200
    response = client.post("/sign-out/")

    assert response["Location"] == "/sign-in/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("role", Role)
def test_home_depends_on_the_role(role: Role) -> None:
    assert home_of(make_user_with(role)) == HOMES[role]


def test_first_of_several_roles_decides_the_home() -> None:
    assert home_of(make_user_with(Role.REP, Role.SALES_MANAGER)) == "workspace:team"


def test_home_of_operations_is_the_admin(client: Client) -> None:
    client.force_login(make_user_with(Role.OPERATIONS))

    assert client.get("/")["Location"] == "/admin/"


def test_user_without_role_sees_whom_to_ask(client: Client, ana: User) -> None:
    client.force_login(ana)

    page = Page(client.get("/"))

    assert page.status == 200
    assert page.text("main .empty strong") == "You don't have a role yet"


def test_empty_installation_says_how_the_first_user_is_made(client: Client) -> None:
    assert Page(client.get("/sign-in/")).text("#first-user") == (
        "There are no users yet. Create the first one on the server with "
        "manage.py createsuperuser, then sign in here and add your team under Admin → Users."
    )

    User.objects.create_user("ana@ours.example", PASSWORD, name="Ana")
    assert not Page(client.get("/sign-in/")).has("#first-user")
