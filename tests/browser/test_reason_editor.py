"""A reason added and changed by keyboard, with clicks counted, and the pages on every screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, expect

from config.bootstrap import bootstrap
from handoff.models import LossReason, RejectionReason
from people.models import User
from people.roles import Role
from tests.browser.axe import violations
from tests.browser.watching import Clicks, Complaints, sideways
from tests.factories import make_person
from tests.people.factories import MONDAY_9AM

SignIn = Callable[[User], Page]
REASONS = "/admin/handoff/rejectionreason/"


@pytest.fixture
def olga() -> User:
    bootstrap(at=MONDAY_9AM)
    return make_person(Role.OPERATIONS, "Olga")


def labels(page: Page) -> list[str]:
    return page.locator("ol.rules .rule-name a").all_inner_texts()


def test_reason_is_added_by_keyboard_with_one_click(sign_in: SignIn, olga: User) -> None:
    page, clicks = sign_in(olga), Clicks()
    complaints = Complaints(page.context)
    page.goto(REASONS)

    clicks.on(page.get_by_role("link", name="Add reason"))
    expect(page.get_by_label("Label")).to_be_focused()
    page.keyboard.type("Outside our region")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Code")).to_have_value("outside_our_region")
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("Not in a country that we serve.")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Follow-up")).to_be_focused()
    page.keyboard.type("Supp")
    preview = page.locator(".reason-changed")
    expect(preview).to_contain_text("Closes the lead and suppresses the contact.")
    expect(preview).to_contain_text("8")
    page.get_by_label("When to use it").press("Enter")

    expect(page.get_by_text("Saved “Outside our region”.")).to_be_visible()
    assert clicks.count == 1
    reason = RejectionReason.objects.get(code="outside_our_region")
    assert (reason.key, reason.route, reason.is_active) == (8, "suppress", True)
    assert reason.help == "Not in a country that we serve."
    assert complaints == []


def test_reason_is_changed_in_two_clicks_after_its_consequence_is_shown(
    sign_in: SignIn, olga: User
) -> None:
    page, clicks = sign_in(olga), Clicks()
    complaints = Complaints(page.context)
    page.goto(REASONS)

    clicks.on(page.get_by_role("link", name="Bad timing"))
    expect(page.get_by_label("Label")).to_be_focused()
    days = page.get_by_label("Days before it may resurface")
    days.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("90")
    page.keyboard.press("Tab")
    expect(page.locator(".reason-consequences")).to_contain_text(
        "may resurface after 90 days instead of after 180 days"
    )
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    clicks.on(page.get_by_role("button", name="Save"))

    expect(page.get_by_text("Saved “Bad timing”.")).to_be_visible()
    assert clicks.count == 2
    assert RejectionReason.objects.get(code="bad_timing").cool_down_days == 90
    assert complaints == []


def test_save_right_after_typing_saves_what_was_typed(sign_in: SignIn, olga: User) -> None:
    reason = LossReason.objects.get(code="price")
    page = sign_in(olga)
    page.goto(f"/admin/handoff/lossreason/{reason.pk}/change/")

    page.get_by_label("Label").fill("Too expensive")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Saved “Too expensive”.")).to_be_visible()
    reason.refresh_from_db()
    assert reason.label == "Too expensive"


def test_reasons_move_by_keyboard_and_by_dragging(sign_in: SignIn, olga: User) -> None:
    page = sign_in(olga)
    page.goto(REASONS)
    first, second = labels(page)[:2]

    down = page.get_by_role("button", name=f"Move {first} down")
    down.focus()
    down.press("Enter")
    expect(page.locator("#reasons-said")).to_have_text(f"{first} is now number 2")
    expect(down).to_be_focused()
    down.press("ArrowUp")
    expect(page.locator("#reasons-said")).to_have_text(f"{first} is now number 1")

    handles, rows = page.locator("[data-handle]"), page.locator("ol.rules .rule")
    handles.nth(1).drag_to(rows.nth(0), target_position={"x": 60, "y": 4})
    expect(page.locator("#reasons-said")).to_have_text(f"{second} is now number 1")
    assert labels(page)[:2] == [second, first]


def test_reason_is_dragged_to_the_end(sign_in: SignIn, olga: User) -> None:
    page = sign_in(olga)
    page.goto("/admin/handoff/lossreason/")
    first, rows = labels(page)[0], page.locator("ol.rules .rule")

    page.locator("[data-handle]").nth(0).drag_to(rows.nth(5), target_position={"x": 90, "y": 40})

    expect(page.locator("#reasons-said")).to_have_text(f"{first} is now number 6")
    assert labels(page)[-1] == first


def test_page_asks_before_changes_are_lost(sign_in: SignIn, olga: User) -> None:
    reason = RejectionReason.objects.get(code="bad_timing")
    page = sign_in(olga)
    questions: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        questions.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.goto(f"{REASONS}{reason.pk}/change/")

    page.get_by_label("Label").fill("Bad timing!")
    page.get_by_role("link", name="No authority").click()
    expect(page.get_by_label("Label")).to_have_value("Bad timing!")
    assert questions == ["beforeunload"]

    page.get_by_role("link", name="Cancel", exact=True).click()
    expect(page.get_by_role("link", name="Add reason")).to_be_visible()
    assert questions == ["beforeunload"]


def test_reasons_fit_every_screen_and_pass_axe(sign_in: SignIn, olga: User) -> None:
    reason = RejectionReason.objects.get(code="bad_timing")
    RejectionReason.objects.filter(code="bad_data").update(is_active=False)
    page = sign_in(olga)
    complaints = Complaints(page.context)

    for path in (REASONS, f"{REASONS}{reason.pk}/change/", f"{REASONS}add/"):
        page.goto(path)
        assert sideways(page, narrowest=390) == {}
        assert violations(page) == []
    page.goto(f"{REASONS}{reason.pk}/change/")
    page.get_by_label("Follow-up").select_option("suppress")
    expect(page.locator(".reason-consequences")).to_be_visible()
    assert sideways(page, narrowest=390) == {}
    assert violations(page) == []
    for path in ("/admin/handoff/lossreason/", "/admin/handoff/reversalreason/"):
        page.goto(path)
        assert sideways(page, narrowest=390) == {}
        assert violations(page) == []
    assert complaints == []
