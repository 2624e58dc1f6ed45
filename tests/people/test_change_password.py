from typing import Any

import pytest
from django.test import Client

from people.models import User
from tests.pages import Page, messages_of, page_at, signed_in_as

pytestmark = pytest.mark.django_db

OLD = "a quiet harbor at dawn"
NEW = "a loud market at noon"
PAGE = "/password/"


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana@ours.example", OLD, name="Ana de Souza")


def change(client: Client, *, old: str = OLD, new: str = NEW, again: str = NEW) -> Any:
    sent = {"old_password": old, "new_password1": new, "new_password2": again}
    return client.post(PAGE, sent, follow=True)


def test_password_change_signs_out_other_sessions(ana: User) -> None:
    here, elsewhere = signed_in_as(ana), signed_in_as(ana)

    assert messages_of(change(here)) == ["Password changed."]

    ana.refresh_from_db()
    assert ana.check_password(NEW)
    assert here.get("/notices/").status_code == 200
    assert elsewhere.get("/notices/")["Location"] == "/sign-in/?next=/notices/"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"old": "guessed"}, "Your old password was entered incorrectly. Please enter it again."),
        ({"again": "another one"}, "The two password fields didn’t match."),
        (
            {"new": "short", "again": "short"},
            "This password is too short. It must contain at least 8 characters.",
        ),
        (
            {"new": "ana@ours.example", "again": "ana@ours.example"},
            "The password is too similar to the email.",
        ),
    ],
)
def test_unacceptable_password_is_refused_with_a_reason(
    ana: User, fields: dict[str, str], reason: str
) -> None:
    assert reason in Page(change(signed_in_as(ana), **fields)).texts(".field-error")

    ana.refresh_from_db()
    assert ana.check_password(OLD)


def test_change_password_is_in_the_menu(ana: User) -> None:
    assert PAGE in page_at("/notices/", ana).links("#user-menu a")


def test_anonymous_user_is_asked_to_sign_in(ana: User) -> None:
    assert Client().get(PAGE)["Location"] == f"/sign-in/?next={PAGE}"
    assert messages_of(change(Client())) == ["You were signed out, so nothing was saved."]
