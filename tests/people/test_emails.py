"""One account has one spelling of its email."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from people.emails import ONLY_ASCII
from people.models import User
from people.roles import Role
from tests.admin_pages import open_page
from tests.pages import Page, signed_in_as
from tests.people.factories import make_user_with

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet harbor at dawn"
FULL_WIDTH = "\N{FULLWIDTH LATIN SMALL LETTER A}na@ours.example"
LOOK_ALIKE = "ana@\N{CYRILLIC SMALL LETTER O}urs.example"


def signs_in(email: str, password: str = PASSWORD) -> bool:
    sent = {"username": email, "password": password}
    return Client().post("/sign-in/", sent).status_code == 302


def store(email: str, password: str = PASSWORD) -> User:
    """Store an account as an older version did."""
    user = User.objects.create_user(f"{len(email)}@ours.example", password, name="Former")
    User.objects.filter(pk=user.pk).update(email=email)
    return user


@pytest.mark.parametrize("spelling", ["ana@ours.example", "ANA@Ours.Example ", FULL_WIDTH])
def test_every_spelling_signs_in_to_the_one_account(spelling: str) -> None:
    user = User.objects.create_user(spelling, PASSWORD, name="Ana")

    assert user.email == "ana@ours.example"
    for typed in ("ana@ours.example", "ANA@ours.example", FULL_WIDTH):
        assert signs_in(typed)
    assert not signs_in(LOOK_ALIKE)


def test_look_alikes_are_refused_in_words() -> None:
    with pytest.raises(ValidationError, match=ONLY_ASCII):
        User.objects.create_user(LOOK_ALIKE, PASSWORD, name="Ana")
    with pytest.raises(CommandError, match="Use only letters without accents"):
        call_command("createsuperuser", email=LOOK_ALIKE, name="Ana", interactive=False)

    fields = {"email": LOOK_ALIKE, "name": "Ana", "password1": PASSWORD, "password2": PASSWORD}
    operations = signed_in_as(make_user_with(Role.OPERATIONS))
    page = Page(operations.post(reverse("admin:people_user_add"), fields | {"time_zone": "UTC"}))
    assert ONLY_ASCII in page.text()
    assert not User.objects.filter(name="Ana").exists()


def test_account_of_an_older_version_can_still_be_edited() -> None:
    user = store(LOOK_ALIKE)
    operations = signed_in_as(make_user_with(Role.OPERATIONS))
    url, sent = open_page(operations, user)

    operations.post(url, sent | {"name": "Ana New"})

    user.refresh_from_db()
    assert (user.name, user.email) == ("Ana New", LOOK_ALIKE)
    assert signs_in(LOOK_ALIKE)


def test_upgrade_stores_the_usual_spelling_and_names_duplicates(
    capsys: pytest.CaptureFixture[str],
) -> None:
    migration = import_module("people.migrations.0012_one_spelling_per_email")
    alone = store("\N{FULLWIDTH LATIN SMALL LETTER L}eo@ours.example")
    first = User.objects.create_user("ana@ours.example", PASSWORD, name="Ana")
    second = store(FULL_WIDTH)

    migration.store_usual_spelling(apps, None)

    alone.refresh_from_db()
    second.refresh_from_db()
    assert (alone.email, second.email) == ("leo@ours.example", FULL_WIDTH)
    assert capsys.readouterr().err.strip() == (
        f"User {second.pk} has the email of user {first.pk} in another spelling. Change one of "
        "the emails, or deactivate one of the users."
    )


def test_two_spellings_of_an_older_version_stay_two_accounts() -> None:
    User.objects.create_user("ana@strasse.example", PASSWORD, name="Ana")
    store("ana@stra\N{LATIN SMALL LETTER SHARP S}e.example", "another password")

    assert signs_in("ana@strasse.example")
    assert not signs_in("ana@strasse.example", "another password")
    assert signs_in("Ana@stra\N{LATIN SMALL LETTER SHARP S}e.example", "another password")
    assert not signs_in("ana@stra\N{LATIN SMALL LETTER SHARP S}e.example", PASSWORD)
