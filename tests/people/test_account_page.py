"""The account page: what everyone sets for themselves, each section alone."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client

from core.audit import audit_entries
from core.formatting import count_text, date_text
from people.models import User
from people.notice_kinds import NoticeDraft
from people.notices import write_notices
from tests.pages import Page, messages_of, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

OLD = "a quiet harbor at dawn"
NEW = "a loud market at noon"
PAGE = "/account/"


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana@ours.example", OLD, name="Ana de Souza")


def save(client: Client, section: str, **sent: str) -> Any:
    return client.post(f"{PAGE}{section}/", sent, follow=True)


def said(response: Any, section: str) -> list[str]:
    """Return the messages inside a section; there are none elsewhere on the page."""
    page = Page(response)
    inside = page.texts(f"#{section} .messages .message > span")
    assert page.texts(".messages .message > span") == inside
    return inside


def test_account_is_in_the_menu(ana: User) -> None:
    assert PAGE in page_at("/notices/", ana).links("#user-menu a")


def test_page_has_one_heading_for_each_section(ana: User) -> None:
    page = page_at(PAGE, ana)

    assert page.texts("main h1") == ["Your account"]
    assert page.texts("main h2") == [
        "Name",
        "Email",
        "Dates and numbers",
        "Notifications",
        "Password",
        "Sessions",
    ]
    ids = page.values("main [id]", "id")
    assert len(ids) == len(set(ids))


def test_page_opens_at_its_top(ana: User) -> None:
    assert not page_at(PAGE, ana).has("[autofocus]")


@pytest.mark.parametrize(
    ("former", "section"), [("/password/", "password"), ("/time-zone/", "time-zone")]
)
def test_former_address_leads_to_its_section(ana: User, former: str, section: str) -> None:
    response = signed_in_as(ana).get(former)

    assert (response.status_code, response["Location"]) == (301, f"/account/#{section}")


def test_address_of_a_form_leads_to_its_section(ana: User) -> None:
    assert signed_in_as(ana).get("/account/name/")["Location"] == "/account/#name"


@pytest.mark.parametrize("method", ["get", "post"])
def test_unknown_section_is_not_found(ana: User, method: str) -> None:
    assert getattr(signed_in_as(ana), method)("/account/nothing/").status_code == 404


def test_anonymous_user_is_asked_to_sign_in(ana: User) -> None:
    assert Client().get(PAGE)["Location"] == f"/sign-in/?next={PAGE}"
    response = save(Client(), "name", name="Thief")
    assert messages_of(response) == ["You were signed out, so nothing was saved."]


def test_statements(ana: User) -> None:
    client = signed_in_as(ana)

    with exactly_statements(3):
        client.get(PAGE)


# --- name and time zone -------------------------------------------------------------------------


def test_name_is_saved_alone(ana: User) -> None:
    client = signed_in_as(ana)
    User.objects.filter(pk=ana.pk).update(time_zone="Europe/Berlin")

    response = save(client, "name", name="Ana Souza", time_zone="Asia/Tokyo", email="x@y.example")

    assert said(response, "name") == ["Name saved."]
    ana.refresh_from_db()
    assert (ana.name, ana.time_zone, ana.email) == (
        "Ana Souza",
        "Europe/Berlin",
        "ana@ours.example",
    )


@pytest.mark.parametrize("name", ["  ", "x" * 151])
def test_unusable_name_is_refused_and_kept_in_its_field(ana: User, name: str) -> None:
    response = save(signed_in_as(ana), "name", name=name)

    page = Page(response)
    assert page.status == 422
    assert len(page.texts("#name .field-error")) == 1
    assert page.texts("#time-zone .field-error, #password .field-error") == []
    assert page.values("#name_name") == [name]
    assert page.text(".menu-person strong") == "Ana de Souza"
    ana.refresh_from_db()
    assert ana.name == "Ana de Souza"


FORMATS = {"time_zone": "America/Sao_Paulo", "date_style": "day_first", "number_style": "point"}


def test_time_zone_and_formats_are_saved(ana: User) -> None:
    response = save(signed_in_as(ana), "time-zone", **FORMATS)

    assert said(response, "time-zone") == ["Dates and numbers saved."]
    ana.refresh_from_db()
    assert {name: getattr(ana, name) for name in FORMATS} == FORMATS
    assert page_at(PAGE, ana).texts("#time-zone [selected]") == [
        "America/Sao Paulo",
        "27 Nov 2026, 23:01",
        "1.234,5",
    ]


def test_formats_are_offered_by_example(ana: User) -> None:
    assert page_at(PAGE, ana).texts("[name=number_style] option") == [
        "1,234.5",
        "1.234,5",
        "1\N{NARROW NO-BREAK SPACE}234,5",
        "1’234.5",
    ]


def test_unknown_time_zone_is_refused(ana: User) -> None:
    page = Page(save(signed_in_as(ana), "time-zone", **{**FORMATS, "time_zone": "Mars/Olympus"}))

    assert page.status == 422
    ana.refresh_from_db()
    assert ana.time_zone == "UTC"


@pytest.mark.parametrize("field", ["date_style", "number_style"])
@pytest.mark.parametrize("style", ["", "roman"])
def test_unknown_style_is_refused(ana: User, field: str, style: str) -> None:
    page = Page(save(signed_in_as(ana), "time-zone", **{**FORMATS, field: style}))

    assert page.status == 422
    ana.refresh_from_db()
    assert (ana.time_zone, ana.date_style, ana.number_style) == ("UTC", "month_first", "comma")


@pytest.mark.parametrize(
    ("style", "text", "title"),
    [
        ("month_first", "Nov 2, 9:00 AM", "Mon, Nov 2, 2026, 9:00:00 AM UTC"),
        ("day_first", "2 Nov, 09:00", "Mon, 2 Nov 2026, 09:00:00 UTC"),
        ("iso", "2026-11-02, 09:00", "Mon, 2026-11-02, 09:00:00 UTC"),
    ],
)
def test_pages_show_dates_in_the_style_of_the_reader(
    ana: User, style: str, text: str, title: str
) -> None:
    User.objects.filter(pk=ana.pk).update(date_style=style)
    write_notices([NoticeDraft(ana.pk, "note", "Note", key="1", is_urgent=True)], at=MONDAY_9AM)

    with time_machine.travel(MONDAY_9AM, tick=False):
        page = page_at("/notices/", ana)

    assert page.texts("main time") == [text]
    assert page.values("main time", "title") == [title]
    assert page.values("main time", "datetime") == ["2026-11-02T09:00:00+00:00"]


def test_formats_of_a_reader_end_with_the_request(ana: User) -> None:
    User.objects.filter(pk=ana.pk).update(date_style="iso", number_style="point")

    page_at("/notices/", ana)

    assert (date_text(MONDAY_9AM), count_text(1234)) == ("Nov 2, 2026", "1,234")


def test_change_is_recorded_with_its_author(ana: User) -> None:
    save(signed_in_as(ana), "name", name="Ana Souza")

    change = audit_entries(ana)[0]
    assert (change.by, change.details) == ("Ana Souza", ["name: Ana de Souza → Ana Souza"])


# --- password -----------------------------------------------------------------------------------


def change(client: Client, *, old: str = OLD, new: str = NEW, again: str = NEW) -> Any:
    return save(client, "password", old_password=old, new_password1=new, new_password2=again)


def test_password_change_signs_out_other_sessions(ana: User) -> None:
    here, elsewhere = signed_in_as(ana), signed_in_as(ana)

    assert said(change(here), "password") == ["Password changed."]

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
    page = Page(change(signed_in_as(ana), **fields))

    assert page.status == 422
    assert reason in page.texts("#password .field-error")
    ana.refresh_from_db()
    assert ana.check_password(OLD)
