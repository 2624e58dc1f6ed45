"""A NUL character, which PostgreSQL cannot store, is refused in words wherever it comes in."""

import pytest
from django.conf import settings
from django.test import Client

from core.null_characters import REFUSAL
from handoff.models import Handoff
from people.models import User
from people.roles import Role
from tests.factories import make_handoff, make_person, make_pool, make_rep
from tests.pages import Page, htmx
from tests.people.factories import make_user_with

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


@pytest.fixture
def handoff() -> Handoff:
    make_pool(make_rep("Mia"))
    return make_handoff()


def test_note_of_a_rejection_is_refused_and_nothing_is_written(handoff: Handoff) -> None:
    rep = client_of(User.objects.get(name="Mia"))
    path, sent = f"/handoffs/{handoff.pk}/reject/", {"reason": "bad_data", "note": "a\0b"}

    page = Page(rep.post(path, sent))
    part = rep.post(path, sent, **htmx())

    assert (page.status, part.status_code) == (400, 400)
    assert REFUSAL in page.texts("main p")
    assert (part["Content-Type"], part.content.decode()) == ("text/plain", REFUSAL)
    handoff.refresh_from_db()
    assert handoff.state == Handoff.State.OFFERED


def test_reason_of_a_rejection_is_an_unknown_one(handoff: Handoff) -> None:
    rep = client_of(User.objects.get(name="Mia"))

    sent = {"reason": "bad\0data", "note": "wrong number"}

    assert rep.post(f"/handoffs/{handoff.pk}/reject/", sent).status_code == 422
    handoff.refresh_from_db()
    assert handoff.state == Handoff.State.OFFERED


def test_missing_fields_are_refused(handoff: Handoff) -> None:
    rep = client_of(User.objects.get(name="Mia"))

    response = rep.post(f"/handoffs/{handoff.pk}/cannot-evaluate/", {"missing": "a\0b"})

    assert response.status_code in {302, 400, 409, 422}
    handoff.refresh_from_db()
    assert handoff.state == Handoff.State.OFFERED


def test_cookie_of_a_session_is_one_that_we_never_gave() -> None:
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = "abcdefgh\0"

    assert client.get("/inbox/")["Location"] == "/sign-in/?next=/inbox/"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    "path",
    [
        "/leads/?{}=%00&{}=a%00b",
        "/leads/export/?q=%00",
        "/inbox/?lead=%00",
        "/queues/?queue=%00",
        "/team/?team=%00",
        "/notices/?before=%00",
        "/returned/?mine=%00&page=%00",
        "/contacts/1/?page=%00",
        "/companies/1/?people=%00&leads=%00",
        "/campaigns/1/?from=%00",
        "/people/1/?week=%00",
        "/admin/people/user/?q=%00",
        "/admin/leads/contact/?q=%00&e=%00",
        "/admin/leads/contact/%00/change/",
        "/sign-in/?next=%00",
        "/%00",
    ],
)
def test_query_never_makes_a_server_error(role: Role, path: str) -> None:
    client = client_of(make_user_with(role))

    assert client.get(path.format("q", "campaign")).status_code in {200, 302, 400, 403, 404}


@pytest.mark.parametrize(
    "path",
    ["/sign-in/", "/account/name/", "/account/time-zone/", "/account/password/", "/notices/read/"],
)
def test_account_forms_never_make_a_server_error(path: str) -> None:
    client = client_of(make_person(Role.REP))
    names = ("username", "password", "next", "time_zone", "old_password", "new_password1")

    response = client.post(path, dict.fromkeys(names, "a\0b"))

    assert response.status_code in {200, 302, 400, 422}
