"""Forgotten passwords and invitations: links by mail that work once, for one person, and expire."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.core import mail
from django.core.cache import cache
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse

from people.account_mail import MAX_REQUESTS, PAUSE, request_reset
from people.models import Notice, User
from people.notices import deliver_notices
from people.roles import Role
from tests.admin_pages import url_of
from tests.pages import Page, messages_of, signed_in_as
from tests.people.factories import MONDAY_9AM, make_user_with

pytestmark = pytest.mark.django_db

OLD, NEW = "a quiet harbor at dawn", "a loud market at noon"
FORGOT = "/password/forgot/"
SENT = "If an account has this email, a link to choose a new password is on its way."
STALE = "This link does not work any more"


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(MONDAY_9AM, tick=False):
        yield
    cache.clear()


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana@ours.example", OLD, name="Ana de Souza")


def ask(email: str = "ana@ours.example") -> Any:
    return Client().post(FORGOT, {"email": email}, follow=True)


def link_in_mail(at: datetime = MONDAY_9AM) -> str:
    """Deliver what waits and return the path of the link in the last mail."""
    deliver_notices(at=at)
    [link] = re.findall(r"https?://[^/\s]+(/\S+)", str(mail.outbox[-1].body))
    return str(link)


def choose(link: str, password: str = NEW) -> Any:
    """Open the link and send the form on the page that it leads to."""
    client = Client()
    page = client.get(link, follow=True)
    if not page.redirect_chain:
        return page
    address = page.redirect_chain[-1][0]
    sent = {"new_password1": password, "new_password2": password}
    return client.post(address, sent, follow=True)


def password_of(user: User) -> str:
    user.refresh_from_db()
    return next((text for text in (OLD, NEW) if user.check_password(text)), "")


def test_forgotten_password_is_replaced_by_the_link_of_the_mail(ana: User) -> None:
    elsewhere = signed_in_as(ana)
    assert messages_of(ask(" Ana@Ours.example ")) == [SENT]

    response = choose(link_in_mail())

    assert messages_of(response) == ["Password changed. Sign in with it."]
    assert password_of(ana) == NEW
    assert [(sent.to, sent.subject) for sent in mail.outbox] == [
        (["ana@ours.example"], "Choose a new password")
    ]
    assert elsewhere.get("/notices/")["Location"] == "/sign-in/?next=/notices/"


def test_answer_is_the_same_without_an_account(ana: User) -> None:
    User.objects.create_user("left@ours.example", OLD, name="Lia Left", is_active=False)

    pages = [ask(email).content for email in ("nobody@ours.example", "left@ours.example")]

    assert [messages_of(ask(email)) for email in ("nobody@ours.example", ana.email)] == [[SENT]] * 2
    assert len({re.sub(rb'value="[^"]{64}"|nonce-\S+', b"", page) for page in pages}) == 1
    assert [notice.recipient for notice in Notice.objects.all()] == [ana]


def test_link_works_once(ana: User) -> None:
    ask()
    link = link_in_mail()
    choose(link)

    assert STALE in choose(link, OLD).content.decode()
    assert password_of(ana) == NEW


def test_link_ends_with_the_next_sign_in(ana: User) -> None:
    ask()
    link = link_in_mail()
    User.objects.filter(pk=ana.pk).update(last_login=MONDAY_9AM)

    assert STALE in choose(link).content.decode()


@pytest.mark.parametrize(("days", "password"), [(2, NEW), (4, OLD)])
def test_link_expires(ana: User, days: int, password: str) -> None:
    ask()
    link = link_in_mail()

    with time_machine.travel(MONDAY_9AM + timedelta(days=days), tick=False):
        choose(link)

    assert password_of(ana) == password


def test_link_is_of_one_person(ana: User) -> None:
    bea = User.objects.create_user("bea@ours.example", OLD, name="Bea Braun")
    ask(ana.email)
    mine = link_in_mail().split("/")
    ask(bea.email)
    theirs = link_in_mail().split("/")

    mixed = "/".join([*mine[:3], theirs[3], *mine[4:]])

    assert STALE in choose(mixed).content.decode()
    assert (password_of(ana), password_of(bea)) == (OLD, OLD)


def test_link_of_a_deactivated_person_does_not_work(ana: User) -> None:
    ask()
    link = link_in_mail()
    User.objects.filter(pk=ana.pk).update(is_active=False)

    assert STALE in choose(link).content.decode()
    assert password_of(ana) == OLD


def test_common_password_is_refused(ana: User) -> None:
    ask()

    page = Page(choose(link_in_mail(), "password"))

    assert page.texts(".field-error") == ["This password is too common."]
    assert password_of(ana) == OLD


def test_no_row_holds_the_token(ana: User) -> None:
    ask()
    token = link_in_mail().strip("/").split("/")[-1]

    rows = [str(list(row.values())) for row in Notice.objects.values()]
    assert len(rows) == 1
    assert token not in rows[0]


def test_failed_mail_is_sent_later(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: EmailBackend, messages: Any) -> int:
        raise ConnectionRefusedError

    ask()
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", fail)
        assert deliver_notices(at=MONDAY_9AM) == 0

    choose(link_in_mail(MONDAY_9AM + timedelta(minutes=6)))

    assert password_of(ana) == NEW


def test_person_gets_one_mail_in_a_while(ana: User) -> None:
    for _ in range(3):
        request_reset(ana.email, at=MONDAY_9AM)
    request_reset(ana.email, at=MONDAY_9AM + PAUSE)

    deliver_notices(at=MONDAY_9AM + PAUSE)

    assert len(mail.outbox) == 2


def test_client_that_asks_too_often_is_refused(ana: User) -> None:
    codes = [ask(f"person{number}@ours.example").status_code for number in range(MAX_REQUESTS)]

    refused = ask()

    assert set(codes) == {200}
    assert refused.status_code == 429
    assert "Too many requests. Try again in 15 minutes." in refused.content.decode()
    assert not Notice.objects.exists()


def test_count_of_requests_that_ends_meanwhile_begins_again(
    ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask()
    begin = cache.add
    begun: list[bool] = []

    def end_at_once(key: str, *values: Any) -> bool:
        is_new = begin(key, *values)
        if key.startswith("mail-requests:") and not begun:
            begun.append(cache.delete(key))
        return is_new

    monkeypatch.setattr(cache, "add", end_at_once)

    assert messages_of(ask()) == [SENT]
    assert begun == [True]


def test_new_password_ends_a_lockout(ana: User) -> None:
    client = Client()
    for _ in range(5):
        client.post("/sign-in/", {"username": ana.email, "password": "guessed"})
    assert client.post("/sign-in/", {"username": ana.email, "password": OLD}).status_code == 429

    ask()
    choose(link_in_mail())

    assert client.post("/sign-in/", {"username": ana.email, "password": NEW}).status_code == 302


# --- invitations ------------------------------------------------------------------------------


@pytest.fixture
def operations() -> Client:
    return signed_in_as(make_user_with(Role.OPERATIONS))


@pytest.fixture
def new(operations: Client) -> User:
    """Add a user as operations, without a password."""
    sent = {"email": "new@ours.example", "name": "Nia New", "time_zone": "UTC"}
    rows = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    response = operations.post("/admin/people/user/add/", {**sent, **rows})
    assert response.status_code == 302
    return User.objects.get(email="new@ours.example")


def invite(operations: Client, user: User) -> str:
    """Send the invitation from the admin and return its message."""
    response: Any = operations.post(reverse("admin:people_user_invite", args=[user.pk]))
    return [str(message) for message in get_messages(response.wsgi_request)][-1]


def state_of(operations: Client, user: User) -> str:
    text = Page(operations.get(url_of(user))).text()
    states = ["Not invited yet", "Invited Nov 2, 2026, not yet signed in"]
    return next((state for state in states if state in text), "")


def test_invited_person_chooses_a_password_and_signs_in(operations: Client, new: User) -> None:
    assert not new.has_usable_password()
    assert state_of(operations, new) == "Not invited yet"
    page = Page(operations.get(reverse("admin:people_user_invite", args=[new.pk])))
    assert "Sends a link to choose a password to new@ours.example." in page.text()

    assert invite(operations, new) == "An invitation is on its way to new@ours.example."
    assert state_of(operations, new) == "Invited Nov 2, 2026, not yet signed in"
    choose(link_in_mail())

    sent = {"username": new.email, "password": NEW}
    assert Client().post("/sign-in/", sent).status_code == 302
    assert state_of(operations, new) == ""


def test_invitation_is_resent_after_a_while(operations: Client, new: User) -> None:
    invite(operations, new)
    assert invite(operations, new) == "Nia New was invited a few minutes ago. No mail was sent."
    with time_machine.travel(MONDAY_9AM + PAUSE, tick=False):
        assert invite(operations, new) == "An invitation is on its way to new@ours.example."

    deliver_notices(at=MONDAY_9AM + PAUSE)

    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"is_active": False}, "Nia New is not active, so no invitation was sent."),
        ({"last_login": MONDAY_9AM}, "Nia New has signed in already, so no invitation was sent."),
    ],
)
def test_only_active_people_who_never_signed_in_are_invited(
    operations: Client, new: User, fields: dict[str, Any], words: str
) -> None:
    User.objects.filter(pk=new.pk).update(**fields)

    assert invite(operations, new) == words
    assert not Notice.objects.exists()


def test_superuser_cannot_be_invited_by_operations(operations: Client) -> None:
    root = User.objects.create_superuser("root@ours.example", None, name="Root")

    response = operations.post(reverse("admin:people_user_invite", args=[root.pk]))

    assert response.status_code == 404
    assert not Notice.objects.exists()
