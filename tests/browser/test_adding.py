"""Adding a lead and writing a note in a browser, with the hints that appear while typing."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from leads.models import Lead, Note, Touch
from people.models import Notice, User
from people.roles import Role
from tests.browser.watching import Complaints
from tests.factories import make_lead, make_person, make_pool, make_rep

SignIn = Callable[[User], Page]


@pytest.fixture
def rep() -> User:
    rep = make_rep("Mia Hoffmann")
    make_pool(rep)
    return rep


def test_known_contact_appears_while_typing_and_gets_the_touch(sign_in: SignIn, rep: User) -> None:
    lead = make_lead(
        at=timezone.now(), email="ann@acme.example", name="Ann Lee", company="Acme", phone=""
    )
    page = sign_in(rep)
    complaints = Complaints(page.context)
    page.goto("/inbox/")
    page.get_by_role("link", name="Add lead").click()

    page.get_by_label("Name").press_sequentially("Ann Lee")
    page.get_by_label("Company").press_sequentially("acme")
    expect(page.locator("#known")).to_contain_text("Mia Hoffmann has the open lead.")
    expect(page.get_by_label("Company")).to_be_focused()
    page.get_by_label("Email").fill("ann@other.example")
    page.get_by_label("Type of touch").select_option("quote_request")
    page.get_by_role("button", name="Add a touch to Ann Lee").click()

    expect(page.locator("h1")).to_have_text("Ann Lee")
    assert Lead.objects.get() == lead
    assert Touch.objects.latest("pk").set_aside[0]["value"] == "ann@other.example"
    assert complaints == []


def test_person_is_mentioned_by_a_suggestion(sign_in: SignIn, rep: User) -> None:
    lead = make_lead(at=timezone.now())
    sofie = make_person(Role.MARKETER, "Sofie Maurer")
    page = sign_in(rep)
    complaints = Complaints(page.context)
    page.goto(f"/leads/{lead.pk}/")

    page.get_by_role("textbox", name="Note", exact=True).press_sequentially("Ask @sof")
    page.get_by_role("button", name="Sofie Maurer").click()
    page.keyboard.type("for the brief.")
    page.get_by_role("button", name="Add note").click()

    expect(page.locator(f"#note-{Note.objects.get().pk}")).to_contain_text(
        "Ask @Sofie Maurer for the brief."
    )
    assert Notice.objects.get(kind="mentioned").recipient == sofie
    assert complaints == []


def test_escape_closes_the_suggestions_and_keeps_the_note(sign_in: SignIn, rep: User) -> None:
    lead = make_lead(at=timezone.now())
    page = sign_in(rep)
    page.goto(f"/leads/{lead.pk}/")

    page.get_by_role("textbox", name="Note", exact=True).press_sequentially("Ask @mi")
    expect(page.get_by_role("button", name="Mia Hoffmann", exact=True)).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("button", name="Mia Hoffmann", exact=True)).to_be_hidden()
    expect(page.get_by_role("textbox", name="Note", exact=True)).to_have_value("Ask @mi")
    expect(page.get_by_role("textbox", name="Note", exact=True)).to_be_focused()
