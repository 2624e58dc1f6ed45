"""Guessing passwords is slow, and never locks out a colleague."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from people.clients import COOKIE_NAME, address_of
from people.models import User
from tests.pages import Page, signed_in_as

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet harbor at dawn"
OFFICE, ATTACKER, HOME = "203.0.113.7", "198.51.100.9", "192.0.2.44"


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana@ours.example", PASSWORD, name="Ana de Souza")


def attempt(
    client: Client, address: str, *, email: str = "ana@ours.example", password: str = "guessed"
) -> int:
    sent = {"username": email, "password": password}
    return client.post("/sign-in/", sent, REMOTE_ADDR=address).status_code


def fail(client: Client, address: str, times: int = 5) -> None:
    for _ in range(times):
        attempt(client, address)


def test_attacker_elsewhere_does_not_lock_out_a_colleague(ana: User) -> None:
    fail(Client(), ATTACKER)

    assert attempt(Client(), ATTACKER, password=PASSWORD) == 429
    assert attempt(Client(), OFFICE, password=PASSWORD) == 302


def test_attacker_at_the_same_address_does_not_lock_out_a_known_browser(ana: User) -> None:
    mine = Client()
    assert attempt(mine, OFFICE, password=PASSWORD) == 302
    mine.post("/sign-out/")
    assert COOKIE_NAME in mine.cookies

    fail(Client(), OFFICE, 30)

    assert attempt(Client(), OFFICE, password=PASSWORD) == 429
    assert attempt(mine, OFFICE, password=PASSWORD) == 302


def test_known_browser_cannot_be_invented(ana: User) -> None:
    fail(Client(), OFFICE)

    for cookie in (str(ana.pk), f"{ana.pk}:1wO:x", ""):
        forged = Client()
        forged.cookies[COOKIE_NAME] = cookie
        assert attempt(forged, OFFICE, password=PASSWORD) == 429


def test_lockout_ends_although_attempts_go_on(ana: User) -> None:
    fail(Client(), ATTACKER, 5)
    response = Client().post(
        "/sign-in/", {"username": ana.email, "password": PASSWORD}, REMOTE_ADDR=ATTACKER
    )

    assert (response.status_code, response["Retry-After"]) == (429, "900")


@pytest.mark.parametrize("spelling", ["ANA@ours.example", " ana@ours.example", "ana@ours.example"])
def test_lockout_covers_every_spelling(ana: User, spelling: str) -> None:
    fail(Client(), ATTACKER)

    assert attempt(Client(), ATTACKER, email=spelling, password=PASSWORD) == 429


def test_unlock_forgets_failures_of_an_account_everywhere(
    ana: User, capsys: pytest.CaptureFixture[str]
) -> None:
    mine, other = Client(), "ben@ours.example"
    assert attempt(mine, OFFICE, password=PASSWORD) == 302
    mine.post("/sign-out/")
    for client, address in ((mine, OFFICE), (Client(), OFFICE), (Client(), "2001:db8:1:2::1")):
        fail(client, address)
    for number in range(20):
        attempt(Client(), HOME, email=f"user{number}@ours.example" if number < 18 else ana.email)
    for _ in range(5):
        attempt(Client(), ATTACKER, email=other)

    call_command("unlock", "Ana@ours.example")

    assert capsys.readouterr().out == "Ana@ours.example can sign in again.\n"
    assert attempt(mine, OFFICE, password=PASSWORD) == 302
    for address in (OFFICE, "2001:db8:1:2::2"):
        assert attempt(Client(), address, password=PASSWORD) == 302
    assert [attempt(Client(), HOME, password=PASSWORD) for _ in range(2)] == [302, 302]
    assert attempt(Client(), ATTACKER, email=other) == 429


def test_unlock_says_that_an_account_is_not_locked(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("unlock", "ana@ours.example")

    assert capsys.readouterr().out == (
        "ana@ours.example is not locked: no wrong password was counted lately.\n"
    )


def test_spraying_over_many_accounts_is_slowed_for_its_address_only(ana: User) -> None:
    for number in range(20):
        assert attempt(Client(), ATTACKER, email=f"user{number}@ours.example") == 200

    slow = [attempt(Client(), ATTACKER, email=f"other{number}@ours.example") for number in range(5)]
    assert slow == [200, 429, 429, 429, 429]
    assert attempt(Client(), OFFICE, password=PASSWORD) == 302


def test_slow_client_is_told_to_wait_some_seconds(ana: User) -> None:
    for number in range(21):
        attempt(Client(), ATTACKER, email=f"user{number}@ours.example")

    sent = {"username": ana.email, "password": PASSWORD}
    response = Client().post("/sign-in/", sent, REMOTE_ADDR=ATTACKER)

    assert response["Retry-After"] == "10"
    assert Page(response).text("[role=alert]:not([hidden])") == (
        "Too many failed attempts. Sign-in is locked for 10\N{NO-BREAK SPACE}s."
    )
    cache.delete(f"attempt:{ATTACKER}")
    assert attempt(Client(), ATTACKER, password=PASSWORD) == 302


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ("", 0, "10.0.0.1"),
        (ATTACKER, 0, "10.0.0.1"),
        (ATTACKER, 1, ATTACKER),
        (f"{OFFICE}, {ATTACKER}", 1, ATTACKER),
        (f"{OFFICE}, {ATTACKER}, {HOME}", 2, ATTACKER),
        (ATTACKER, 2, "10.0.0.1"),
        ("", 1, "10.0.0.1"),
        ("2001:db8:1:2:aaaa::1", 1, "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", 1, OFFICE),
        (f"{ATTACKER}:5678", 1, ATTACKER),
        ("[2001:db8:1:2:aaaa::1]:5678", 1, "2001:db8:1:2::"),
        ("[2001:db8:1:2:aaaa::1]", 1, "2001:db8:1:2::"),
        ("[::ffff:203.0.113.7]:80", 1, OFFICE),
        ("unknown", 1, "10.0.0.1"),
        ("_hidden:5678", 1, "10.0.0.1"),
        ("[unknown", 1, "10.0.0.1"),
    ],
)
def test_address_is_the_one_that_our_outermost_proxy_saw(
    forwarded: str, proxies: int, address: str
) -> None:
    assert address_of(forwarded, "10.0.0.1", proxies=proxies) == address


def test_invented_forwarded_addresses_do_not_evade_the_lockout(
    ana: User, settings: LazySettings
) -> None:
    settings.TRUSTED_PROXIES = 1

    def status(invented: str, seen: str, password: str = "guessed") -> int:
        sent = {"username": ana.email, "password": password}
        headers = {"X-Forwarded-For": f"{invented}, {seen}"}
        return Client().post("/sign-in/", sent, headers=headers).status_code

    for number in range(5):
        status(f"192.0.2.{number}", ATTACKER)

    assert status("192.0.2.99", ATTACKER, PASSWORD) == 429
    assert status(ATTACKER, OFFICE, PASSWORD) == 302


def change(client: Client, old: str) -> int:
    new = "a loud market at noon"
    sent = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post("/account/password/", sent, REMOTE_ADDR=OFFICE).status_code


def test_old_password_cannot_be_guessed_in_the_form_either(ana: User) -> None:
    thief = signed_in_as(ana)

    assert [change(thief, "guessed") for _ in range(6)] == [422, 422, 422, 422, 429, 429]
    assert change(thief, PASSWORD) == 429
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)
    assert attempt(Client(), HOME, password=PASSWORD) == 302


def test_other_mistakes_in_the_form_are_not_failures(ana: User) -> None:
    client = signed_in_as(ana)
    sent = {"old_password": PASSWORD, "new_password1": "short", "new_password2": "short"}

    for _ in range(6):
        assert client.post("/account/password/", sent, REMOTE_ADDR=OFFICE).status_code == 422

    assert change(client, PASSWORD) == 302
