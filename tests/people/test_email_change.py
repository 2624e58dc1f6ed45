"""A new email holds once its address confirmed it; the old address is notified."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from core.audit import audit_entries
from people.account_mail import MAX_REQUESTS, PAUSE
from people.models import EmailChange, Notice, User
from people.notices import deliver_notices
from tests.pages import Page, messages_of, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet harbor at dawn"
OLD, NEW = "ana@ours.example", "ana.souza@ours.example"
SENT = "A link to confirm the new email is on its way to it."
STALE = "This link does not work"


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(MONDAY_9AM, tick=False):
        yield
    cache.clear()


@pytest.fixture
def ana() -> User:
    return User.objects.create_user(OLD, PASSWORD, name="Ana de Souza")


@pytest.fixture
def bea() -> User:
    return User.objects.create_user("bea@ours.example", PASSWORD, name="Bea Braun")


def ask(user: User, email: str = NEW, password: str = PASSWORD) -> Any:
    sent = {"email": email, "old_password": password}
    return signed_in_as(user).post("/account/email/", sent, follow=True)


def link_in_mail(at: datetime = MONDAY_9AM) -> str:
    """Deliver what waits and return the path of the last link to confirm."""
    deliver_notices(at=at)
    texts = "\n".join(str(sent.body) for sent in mail.outbox)
    return str(re.findall(r"https?://[^/\s]+(/account/email/confirm/\S+)", texts)[-1])


def confirm(link: str, user: User) -> Any:
    return signed_in_as(user).post(link, follow=True)


def email_of(user: User) -> str:
    user.refresh_from_db()
    return user.email


def test_email_changes_once_the_new_address_confirmed_it(ana: User) -> None:
    assert messages_of(ask(ana, " Ana.Souza@Ours.example ")) == [SENT]
    link = link_in_mail()
    assert sorted((sent.to, sent.subject) for sent in mail.outbox) == [
        ([NEW], "Confirm your new email"),
        ([OLD], "Your email is about to change"),
    ]
    page = page_at(link, ana)
    assert page.texts("main p")[0] == f"From now on, you sign in with {NEW} instead of {OLD}."
    assert email_of(ana) == OLD

    assert messages_of(confirm(link, ana)) == ["Email changed."]

    assert email_of(ana) == NEW
    deliver_notices(at=MONDAY_9AM)
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == ([OLD], "Your email has changed")
    change = audit_entries(ana)[0]
    assert (change.by, change.details) == ("Ana de Souza", [f"email: {OLD} → {NEW}"])
    sent = {"username": NEW, "password": PASSWORD}
    assert Client().post("/sign-in/", sent).status_code == 302


def test_opening_the_link_changes_nothing(ana: User) -> None:
    ask(ana)

    page_at(link_in_mail(), ana)

    assert email_of(ana) == OLD


def test_link_works_once_even_after_changing_back(ana: User) -> None:
    ask(ana)
    link = link_in_mail()
    confirm(link, ana)
    User.objects.filter(pk=ana.pk).update(email=OLD)

    response = confirm(link, ana)

    assert response.status_code == 410
    assert STALE in Page(response).text("main")
    assert email_of(ana) == OLD


@pytest.mark.parametrize(("hours", "email"), [(23, NEW), (25, OLD)])
def test_link_expires_after_a_day(ana: User, hours: int, email: str) -> None:
    ask(ana)
    link = link_in_mail()

    with time_machine.travel(MONDAY_9AM + timedelta(hours=hours), tick=False):
        confirm(link, ana)

    assert email_of(ana) == email


def test_link_of_someone_else_does_not_work(ana: User, bea: User) -> None:
    ask(ana)
    link = link_in_mail()

    assert confirm(link, bea).status_code == 410

    assert (email_of(ana), email_of(bea)) == (OLD, "bea@ours.example")
    assert messages_of(confirm(link, ana)) == ["Email changed."]


def test_link_asks_to_sign_in(ana: User) -> None:
    ask(ana)
    link = link_in_mail()

    assert Client().get(link)["Location"].startswith("/sign-in/?next=/account/email/confirm/")
    assert Client().post(link).status_code == 302
    assert email_of(ana) == OLD


@pytest.mark.parametrize("token", ["x", "MQ:1vFabc:forged"])
def test_forged_link_does_not_work(ana: User, token: str) -> None:
    ask(ana)

    assert confirm(f"/account/email/confirm/{token}/", ana).status_code == 410
    assert email_of(ana) == OLD


def test_double_press_sends_one_mail(ana: User) -> None:
    assert [messages_of(ask(ana)) for _ in range(2)] == [[SENT], [SENT]]

    confirm(link_in_mail(), ana)

    assert [sent.to for sent in mail.outbox].count([NEW]) == 1
    assert email_of(ana) == NEW


def test_double_confirmation_changes_once(ana: User) -> None:
    ask(ana)
    link = link_in_mail()

    assert [confirm(link, ana).status_code for _ in range(2)] == [200, 410]
    assert Notice.objects.filter(kind="email_changed").count() == 1


def test_another_request_replaces_the_first(ana: User) -> None:
    ask(ana, "first@ours.example")
    first = link_in_mail()
    ask(ana)

    assert confirm(first, ana).status_code == 410
    confirm(link_in_mail(), ana)

    assert email_of(ana) == NEW


def test_canceled_change_is_over_and_its_mail_is_not_sent(ana: User) -> None:
    ask(ana)
    client = signed_in_as(ana)
    assert NEW in Page(client.get("/account/")).text("#email")

    response = client.post("/account/email/cancel/", follow=True)

    assert messages_of(response) == ["The email stays as it is."]
    assert NEW not in Page(response).text("#email")
    deliver_notices(at=MONDAY_9AM)
    assert [sent.to for sent in mail.outbox] == [[OLD]]


def test_taken_email_gets_the_same_answer_and_no_mail(ana: User, bea: User) -> None:
    free, taken = ask(ana), ask(bea, OLD.upper())

    assert messages_of(free) == messages_of(taken) == [SENT]
    assert f"{OLD} is not confirmed yet" in Page(taken).text("#email")
    deliver_notices(at=MONDAY_9AM)
    assert sorted(sent.to[0] for sent in mail.outbox) == [NEW, OLD, "bea@ours.example"]
    assert "bea" not in "".join(str(sent.body) for sent in mail.outbox if sent.to == [OLD])


def test_email_taken_since_the_request_is_refused(ana: User) -> None:
    ask(ana)
    link = link_in_mail()
    User.objects.create_user(NEW, PASSWORD, name="Ana Souza")

    assert confirm(link, ana).status_code == 410
    assert email_of(ana) == OLD
    assert not Notice.objects.filter(kind="email_changed").exists()


@pytest.mark.parametrize(
    ("email", "password", "words"),
    [
        (NEW, "guessed", "Wrong password."),
        (OLD.upper(), PASSWORD, "This is your email already."),
        ("nothing", PASSWORD, "Enter a valid email address."),
        ("ana@\N{CYRILLIC SMALL LETTER O}urs.example", PASSWORD, "Use only letters without"),
    ],
)
def test_unusable_request_is_refused(ana: User, email: str, password: str, words: str) -> None:
    page = Page(ask(ana, email, password))

    assert page.status == 422
    assert page.text("#email .field-error").startswith(words)
    assert not EmailChange.objects.exists()
    assert not Notice.objects.exists()


def test_password_cannot_be_guessed_in_the_form(ana: User) -> None:
    client = signed_in_as(ana)
    sent = {"email": NEW, "old_password": "guessed"}

    codes = [client.post("/account/email/", sent).status_code for _ in range(6)]

    assert codes == [422, 422, 422, 422, 429, 429]


def test_too_many_requests_are_refused(ana: User) -> None:
    for number in range(MAX_REQUESTS):
        assert ask(ana, f"other{number}@ours.example").status_code == 200

    response = ask(ana)

    assert Page(response).texts("#email .message-error > span") == [
        f"Too many requests. Try again in {int(PAUSE.total_seconds() // 60)} minutes."
    ]


def test_failed_mail_is_sent_later(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: EmailBackend, messages: Any) -> int:
        raise ConnectionRefusedError

    ask(ana)
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", fail)
        assert deliver_notices(at=MONDAY_9AM) == 0
    assert email_of(ana) == OLD

    confirm(link_in_mail(MONDAY_9AM + timedelta(minutes=6)), ana)

    assert email_of(ana) == NEW


def test_no_row_holds_the_token(ana: User) -> None:
    ask(ana)
    token = link_in_mail().strip("/").split("/")[-1]

    rows = [str(list(row.values())) for row in Notice.objects.values()]
    assert len(rows) == 2
    assert not [row for row in rows if token in row]


def test_link_is_outdated_on_the_notices_page(ana: User) -> None:
    ask(ana)
    confirm(link_in_mail(), ana)

    assert "Confirm your new email Outdated" in page_at("/notices/", ana).text("main")
