"""Sessions are listed on the account page of their user, who ends them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.sessions.models import Session as FormerSession
from django.core.cache import cache
from django.test import Client

from people.devices import device_text
from people.models import Session, User
from people.sessions import SessionStore
from tests.pages import Page, messages_of, signed_in_as
from tests.people.factories import MONDAY_9AM, make_user
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet harbor at dawn"
WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(MONDAY_9AM, tick=False):
        yield


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana@ours.example", PASSWORD, name="Ana de Souza")


def sign_in(user: User, user_agent: str = WINDOWS) -> Client:
    client = Client(headers={"User-Agent": user_agent})
    sent = {"username": user.email, "password": PASSWORD}
    assert client.post("/sign-in/", sent).status_code == 302
    return client


def listed(client: Client) -> list[str]:
    return Page(client.get("/account/")).texts("#sessions li > div")


def codes(client: Client) -> list[str]:
    return Page(client.get("/account/")).values("#sessions li [name=session]")


def end(client: Client, code: str) -> Any:
    return client.post("/account/sessions/", {"session": code}, follow=True)


def is_signed_in(client: Client) -> bool:
    return client.get("/notices/").status_code == 200


def test_sessions_are_listed_with_browser_times_and_this_device(ana: User) -> None:
    sign_in(ana, MAC)
    with time_machine.travel(MONDAY_9AM + timedelta(hours=3, minutes=30), tick=False):
        here = sign_in(ana)

        assert listed(here) == [
            "Chrome on Windows This device Signed in Nov 2, 12:30 PM",
            "Firefox on Mac Signed in Nov 2, 9:00 AM Last seen around Nov 2, 9:00 AM",
        ]


def test_one_session_is_ended(ana: User) -> None:
    here, first, second = sign_in(ana), sign_in(ana, MAC), sign_in(ana, MAC)

    response = end(here, codes(here)[0])

    assert messages_of(response) == ["Signed out there."]
    assert len(listed(here)) == 2
    assert sorted([is_signed_in(first), is_signed_in(second)]) == [False, True]
    assert is_signed_in(here)


def test_all_others_are_ended(ana: User) -> None:
    clients = [sign_in(ana) for _ in range(3)]
    bea = signed_in_as(make_user("Bea"))

    end(clients[1], "others")

    assert [is_signed_in(client) for client in clients] == [False, True, False]
    assert is_signed_in(bea)
    assert len(listed(clients[1])) == 1


def test_second_press_says_that_it_has_ended(ana: User) -> None:
    here, _ = sign_in(ana), sign_in(ana)
    code = codes(here)[0]
    end(here, code)

    page = Page(end(here, code))

    assert page.status == 422
    assert page.texts("#sessions .message-error > span") == ["That session has ended already."]


def test_session_of_someone_else_cannot_be_ended(ana: User) -> None:
    bea = User.objects.create_user("bea@ours.example", PASSWORD, name="Bea")
    theirs, _ = sign_in(bea), sign_in(bea)
    code = codes(theirs)[0]

    assert end(sign_in(ana), code).status_code == 422

    assert Session.objects.filter(user=bea).count() == 2


def test_page_names_no_session_by_its_key(ana: User) -> None:
    here, _ = sign_in(ana), sign_in(ana)

    html = here.get("/account/").content.decode()

    assert not [key for key in Session.objects.values_list("pk", flat=True) if key in html]


def test_session_ended_by_a_new_password_is_not_listed(ana: User) -> None:
    here, elsewhere = sign_in(ana), sign_in(ana)
    new = "a loud market at noon"
    sent = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    here.post("/account/password/", sent)

    assert len(listed(here)) == 1
    assert not is_signed_in(elsewhere)


def test_expired_session_is_not_listed(ana: User) -> None:
    sign_in(ana)

    with time_machine.travel(MONDAY_9AM + timedelta(days=8), tick=False):
        assert len(listed(sign_in(ana))) == 1


def test_use_is_noted_once_in_an_hour(ana: User) -> None:
    client = sign_in(ana)
    session = Session.objects.get()
    key = SessionStore(session.pk).cache_key

    for minutes, statements in ((1, 1), (59, 1), (61, 2), (62, 1)):
        cache.delete(key)
        at = MONDAY_9AM + timedelta(minutes=minutes)
        with time_machine.travel(at, tick=False), exactly_statements(statements):
            assert SessionStore(session.pk).load()

    session.refresh_from_db()
    assert session.seen_at == MONDAY_9AM + timedelta(minutes=61)
    assert is_signed_in(client)


@pytest.mark.parametrize("others", [1, 10])
def test_statements_do_not_grow_with_sessions(ana: User, others: int) -> None:
    here = sign_in(ana)
    for _ in range(others):
        sign_in(ana)

    with exactly_statements(3):
        here.get("/account/")


@pytest.mark.parametrize(
    ("user_agent", "text"),
    [
        (WINDOWS, "Chrome on Windows"),
        (MAC, "Firefox on Mac"),
        (f"{WINDOWS} Edg/142.0.0.0", "Edge on Windows"),
        (f"{WINDOWS} OPR/120.0.0.0", "Opera on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/142.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko Firefox/145.0", "Firefox on Linux"),
        ("curl/8.5.0", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_device_is_named_as_its_user_would(user_agent: str, text: str) -> None:
    assert device_text(user_agent) == text


def test_upgrade_keeps_users_signed_in(ana: User) -> None:
    client = sign_in(ana)
    session = Session.objects.get()
    columns = ("session_key", "session_data", "expire_date")
    row = {name: getattr(session, name) for name in columns}
    FormerSession.objects.create(**row)
    FormerSession.objects.create(**row | {"session_key": "forged", "session_data": "x:y:z"})
    elsewhere = [row | {"session_key": f"elsewhere{number}"} for number in range(2500)]
    FormerSession.objects.bulk_create([FormerSession(**columns) for columns in elsewhere])
    session.delete()

    # The people and the sessions, a statement for each thousand, and the end of the former ones.
    with exactly_statements(2 + 3 + 1):
        import_module("people.migrations.0014_sessions_of_users").move_sessions(apps, None)

    assert set(Session.objects.values_list("session_key", "user")) == {
        (stored["session_key"], ana.pk) for stored in [row, *elsewhere]
    }
    assert not FormerSession.objects.exists()
    assert is_signed_in(client)
