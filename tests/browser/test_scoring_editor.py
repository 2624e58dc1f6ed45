"""Points changed, tried on a lead and published in eight clicks, and the pages on every screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from config.bootstrap import bootstrap
from leads import scoring_models
from leads.models import ScoringCriterion, ScoringModel
from people.models import User
from people.roles import Role
from tests.browser.axe import violations
from tests.browser.watching import Clicks, Complaints, sideways
from tests.factories import make_lead, make_person
from tests.people.factories import MONDAY_9AM

# So high that nothing is behind the bar at the top, which axe takes for too small.
UNCOVERED = 8000

SignIn = Callable[[User], Page]


@pytest.fixture
def olga() -> User:
    bootstrap(at=MONDAY_9AM)
    return make_person(Role.OPERATIONS, "Olga")


@pytest.fixture
def draft(olga: User) -> ScoringModel:
    return scoring_models.copy_to_draft(ScoringModel.objects.get())


def address(model: ScoringModel) -> str:
    return f"/admin/leads/scoringmodel/{model.pk}"


def test_points_are_changed_tried_and_published_in_eight_clicks(
    sign_in: SignIn, olga: User
) -> None:
    make_lead(name="Elsa Jansen")
    page, clicks = sign_in(olga), Clicks()
    complaints = Complaints(page.context)
    page.goto("/admin/leads/scoringmodel/")

    clicks.on(page.get_by_role("link", name="Fit and intent"))
    clicks.on(page.get_by_role("button", name="Edit"))
    clicks.on(page.get_by_role("button", name="Director", exact=True))
    points = page.get_by_label("Points", exact=True)
    expect(points).to_be_focused()
    points.fill("5")
    clicks.on(page.get_by_role("searchbox", name="Name, company, email or number of a lead"))
    page.keyboard.type("Elsa")
    expect(page.locator(".trial-holder")).to_contain_text("Differs")
    expect(page.locator(".scoring-differs").first).to_contain_text("Director")
    clicks.on(page.get_by_role("button", name="Review and publish"))
    expect(page.locator(".change").first).to_contain_text(
        "+5 instead of +20 when Seniority is Director"
    )
    expect(page.get_by_label("Note")).to_be_focused()
    page.keyboard.type("Directors decide less often.")
    clicks.on(page.get_by_role("button", name="Publish"))

    expect(page.get_by_text("Fit and intent v2 is live.")).to_be_visible()
    assert clicks.count <= 8
    live = ScoringModel.objects.get(status="published")
    assert ScoringCriterion.objects.get(group__model=live, label="Director").points == 5
    assert complaints == []


def test_criterion_is_added_by_keyboard_and_announced(
    sign_in: SignIn, olga: User, draft: ScoringModel
) -> None:
    page = sign_in(olga)
    page.goto(f"{address(draft)}/change/")

    page.get_by_role("button", name="Add criterion to Company size and fit").press("Enter")
    expect(page.locator("#scoring-said")).to_have_text("Added a criterion to Company size and fit")
    field = page.get_by_role("combobox", name="Field", exact=True)
    expect(field).to_be_focused()
    field.press_sequentially("region")
    field.press("Enter")
    value = page.get_by_label("Value of Region")
    value.fill("Bavaria")
    value.press("Enter")
    expect(page.get_by_text("Added: +10 when Region is “Bavaria”")).to_be_visible()

    up = page.get_by_role("button", name="Move Region is “Bavaria” up")
    up.focus()
    up.press("ArrowUp")
    expect(page.locator("#scoring-said")).to_have_text(
        "Region is “Bavaria” is now criterion 6 of Company size and fit"
    )
    expect(up).to_be_focused()


def test_enter_saves_the_threshold_and_stays(
    sign_in: SignIn, olga: User, draft: ScoringModel
) -> None:
    page = sign_in(olga)
    page.goto(f"{address(draft)}/change/")

    threshold = page.get_by_role("spinbutton", name="MQL from")
    threshold.fill("70")
    threshold.press("Enter")

    expect(page.get_by_text("Model: MQL at from 75 points to 70 points")).to_be_visible()
    expect(page.get_by_role("heading", name="MQL from 70 of 100 points")).to_be_visible()
    expect(threshold).to_be_focused()


def test_pages_fit_every_screen_and_pass_axe(
    sign_in: SignIn, olga: User, draft: ScoringModel
) -> None:
    live = ScoringModel.objects.get(status="published")
    lead = make_lead(name="Elsa Jansen")
    row = ScoringCriterion.objects.get(group__model=draft, label="Requested a demo")
    page = sign_in(olga)
    complaints = Complaints(page.context)

    for path in (
        "/admin/leads/scoringmodel/",
        f"{address(live)}/change/",
        f"{address(draft)}/change/?criterion={row.pk}",
        f"{address(draft)}/publish/",
        f"{address(draft)}/try_lead/?lead={lead.pk}",
        f"{address(draft)}/moved_leads/",
    ):
        page.goto(path)
        assert sideways(page, narrowest=390) == {}
        assert violations(page, UNCOVERED) == []
    assert complaints == []
