"""A rule made, tested and published by someone who follows only the words of the pages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from config.bootstrap import bootstrap
from handoff.models import RuleSet
from handoff.routing import publishing
from people.models import Membership, Team, User
from people.roles import Role
from tests.browser.watching import Clicks, Complaints, sideways
from tests.factories import make_lead, make_person
from tests.people.factories import MONDAY_9AM

SignIn = Callable[[User], Page]
RULES = "/admin/handoff/routingrule/"


@pytest.fixture
def olga() -> User:
    bootstrap(at=MONDAY_9AM)
    sam = make_person(Role.REP, "Sam")
    Membership.objects.create(team=Team.objects.get(name="Qualification"), user=sam)
    return make_person(Role.OPERATIONS, "Olga")


def names(page: Page) -> list[str]:
    return page.locator(".rule-name a").all_inner_texts()


def test_rule_is_made_tested_and_published_in_eight_clicks(sign_in: SignIn, olga: User) -> None:
    make_lead(name="Elsa Jansen", country="FR")
    page, clicks = sign_in(olga), Clicks()
    complaints = Complaints(page.context)
    page.goto(RULES)

    clicks.on(page.get_by_role("button", name="Edit"))
    clicks.on(page.get_by_role("button", name="New rule here, before rule 1"))
    field = page.get_by_role("combobox", name="Field", exact=True)
    expect(field).to_be_focused()
    field.type("country of the con")
    field.press("Enter")
    values = page.get_by_role("combobox", name="Values of Country of the contact")
    clicks.on(values)
    values.type("fran")
    values.press("Enter")
    expect(page.get_by_text("Rule 1 added: New rule")).to_be_visible()
    clicks.on(page.get_by_role("searchbox", name="Name, company, email or number of a lead"))
    page.keyboard.type("Elsa")
    expect(page.locator(".trial-holder")).to_contain_text("Rule 1, New rule")
    expect(page.locator("#trial")).to_contain_text("Sam Differs")
    clicks.on(page.get_by_role("button", name="Review and publish"))
    expect(page.get_by_label("Note")).to_be_focused()
    page.keyboard.type("France goes to the queue.")
    clicks.on(page.get_by_role("button", name="Publish"))

    expect(page.get_by_text("Version 2 is live.")).to_be_visible()
    assert clicks.count <= 8
    rule = RuleSet.objects.get(status="published").rules.order_by("position")[0]
    assert rule.conditions.get().value == ["FR"]
    assert complaints == []


def test_review_has_the_text_typed_last(sign_in: SignIn, olga: User) -> None:
    draft = publishing.copy_to_draft(RuleSet.objects.get())
    page = sign_in(olga)
    rule = draft.rules.get(name="Students and interns")
    page.goto(f"{RULES}{rule.pk}/change/")

    page.get_by_label("Reason").fill("Typed at the last moment.")
    page.get_by_role("button", name="Review and publish").click()

    expect(page.locator(".change")).to_contain_text("Typed at the last moment.")


def test_enter_saves_the_rule_and_stays(sign_in: SignIn, olga: User) -> None:
    draft = publishing.copy_to_draft(RuleSet.objects.get())
    page = sign_in(olga)
    rule = draft.rules.get(name="Students and interns")
    page.goto(f"{RULES}{rule.pk}/change/")

    page.get_by_label("Name", exact=True).fill("Students")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Rule 1: Name from Students and interns to Students")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_be_focused()


def test_text_typed_during_a_save_outlives_a_test(sign_in: SignIn, olga: User) -> None:
    make_lead(name="Elsa Jansen")
    rule = publishing.copy_to_draft(RuleSet.objects.get()).rules.get(name="Students and interns")
    page = sign_in(olga)
    page.goto(f"{RULES}{rule.pk}/change/")
    page.locator(".trial-found a").click()
    expect(page.locator(".trial-holder")).to_be_visible()
    held: list[Route] = []
    page.route(f"**/routingrule/{rule.pk}/change/", lambda route: held.append(route))

    page.get_by_label("Name", exact=True).fill("Students")
    reason = page.get_by_label("Reason")
    with page.expect_request(f"**/routingrule/{rule.pk}/change/"):
        reason.focus()
    reason.press_sequentially("Typed meanwhile")
    with page.expect_response("**/try_lead/**"):
        page.evaluate("document.body.dispatchEvent(new Event('rules-changed'))")
    held.pop().continue_()

    expect(page.get_by_text("Rule 1: Name from Students and interns to Students")).to_be_visible()
    expect(reason).to_have_value(re.compile("Typed meanwhile"))


def test_rules_move_by_keyboard_and_by_dragging(sign_in: SignIn, olga: User) -> None:
    publishing.copy_to_draft(RuleSet.objects.get())
    page = sign_in(olga)
    page.goto(RULES)

    down = page.get_by_role("button", name="Move rule 1, Students and interns, down")
    down.focus()
    down.press("Enter")
    expect(page.locator("#rules-said")).to_have_text("Students and interns is now rule 2")
    moved = page.get_by_role("button", name="Move rule 2, Students and interns, down")
    expect(moved).to_be_focused()
    moved.press("ArrowUp")
    expect(page.locator("#rules-said")).to_have_text("Students and interns is now rule 1")
    expect(page.get_by_role("button", name="Move rule 1, Students and interns, up")).to_be_focused()

    handles, rules = page.locator("[data-handle]"), page.locator(".rule")
    handles.nth(3).drag_to(rules.nth(0), target_position={"x": 60, "y": 4})
    expect(page.locator("#rules-said")).to_have_text("Consultation requests is now rule 1")
    assert "Consultation requests" in names(page)[0]


def test_editor_fits_every_screen_in_both_themes(sign_in: SignIn, olga: User) -> None:
    draft = publishing.copy_to_draft(RuleSet.objects.get())
    rule = draft.rules.get(name="Students and interns")
    page = sign_in(olga)
    complaints = Complaints(page.context)
    base = f"/admin/handoff/ruleset/{draft.pk}"

    for address in (
        f"{base}/change/",
        f"/admin/handoff/routingrule/{rule.pk}/change/",
        f"{base}/publish/",
        f"{base}/try_lead/",
        "/admin/handoff/ruleset/",
    ):
        page.goto(address)
        assert sideways(page, narrowest=390) == {}
    assert complaints == []
