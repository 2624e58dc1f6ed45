"""Marketing works with the answers of sales, by what the pages say alone, counted in clicks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.models import Handoff
from leads.models import Campaign
from people.models import User
from people.roles import Role
from reporting.rollups.refresh import follow_log
from tests.browser.watching import Clicks, Complaints
from tests.factories import make_handoff, make_person, make_pool, make_rep
from tests.people.factories import FULL_DAY, make_calendar
from tests.reporting import history
from tests.reporting.history import HOUR, MONDAY
from tests.reporting.pages import NOON

SignIn = Callable[[User], Page]


@pytest.fixture
def marketer() -> User:
    return make_person(Role.MARKETER, "Leo Winter")


def test_returned_lead_is_completed_and_reaches_the_rep(sign_in: SignIn, marketer: User) -> None:
    mia = make_rep("Mia Hoffmann")
    make_pool(mia, calendar=make_calendar(FULL_DAY, days=range(7)))
    handoff = make_handoff(name="Ann Gray", employees=None, at=timezone.now())
    mark_cannot_evaluate(
        handoff_id=handoff.pk, missing_fields=["company.employees"], by=mia, at=timezone.now()
    )
    page, clicks = sign_in(marketer), Clicks()
    complaints = Complaints(page.context)
    page.goto("/")

    clicks.on(page.get_by_role("link", name="1 returned lead waits for marketing"))
    row = page.get_by_role("row", name="Ann Gray")
    expect(row).to_contain_text("Mia Hoffmann")
    expect(row.locator(".returned-missing")).to_have_text("Company size")
    clicks.on(row.get_by_role("link", name="Complete Ann Gray"))
    page.get_by_label("Company size").fill("250")
    clicks.on(page.get_by_role("button", name="Offer to sales again"))
    expect(page.get_by_text("Next step: Mia Hoffmann accepts or rejects it.")).to_be_visible()
    page.goto("/returned/")
    expect(page.get_by_text("No returned leads")).to_be_visible()

    assert clicks.count == 3
    assert Handoff.objects.open().get().owner == mia
    page = sign_in(mia)
    page.goto("/inbox/")
    expect(page.locator("#work")).to_contain_text("250")
    assert complaints == []


def test_campaign_is_judged_from_the_overview_to_its_brief(sign_in: SignIn, marketer: User) -> None:
    rep = make_rep("Mia Hoffmann")
    for name, answers in {"Fair": "aar", "Price list": "rra"}.items():
        campaign = history.make_campaign(name)
        for answer in answers:
            handoff = history.offer(history.make_lead(campaign=campaign), MONDAY + HOUR, user=rep)
            if answer == "a":
                history.accept(handoff, MONDAY + 2 * HOUR, rep)
            else:
                history.reject(handoff, MONDAY + 2 * HOUR, rep, "not_icp")
    follow_log(at=NOON)
    page = sign_in(marketer)
    complaints = Complaints(page.context)
    page.goto("/reports/?from=2026-03-01&to=2026-03-31")

    page.get_by_role("link", name="Sources", exact=True).first.click()
    page.get_by_role("link", name="Campaign", exact=True).click()
    page.get_by_role("link", name="Sales acceptance", exact=True).click()
    page.locator("tbody th").first.get_by_role("link", name="Price list").click()
    expect(page.get_by_role("heading", name="Price list", level=1)).to_be_visible()
    reasons = page.get_by_role("table", name="Rejections by reason")
    expect(reasons.get_by_role("row", name="Outside our customer profile")).to_contain_text("100%")
    reasons.locator("tfoot a").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.go_back()
    page.get_by_text("Edit brief").click()
    page.get_by_label("Talking points").fill("Ask for the number of users first.")
    page.get_by_role("button", name="Save brief").click()

    expect(page.locator("#brief .points")).to_have_text("Ask for the number of users first.")
    assert Campaign.objects.get(name="Price list").talking_points.startswith("Ask for")
    assert complaints == []


def test_company_is_found_with_one_click_and_typing(sign_in: SignIn, marketer: User) -> None:
    make_pool()
    company_id = make_handoff(name="Ann Gray", company="Café Munchen").lead.company_id
    page, clicks = sign_in(marketer), Clicks()
    page.goto("/notices/")

    page.keyboard.press("Control+k")
    page.keyboard.type("cafe munch")
    clicks.on(page.locator(f"[role=option][href='/companies/{company_id}/']"))

    page.wait_for_url(f"**/companies/{company_id}/")
    expect(page.get_by_role("heading", name="Café Munchen", level=1)).to_be_visible()
    people = page.get_by_role("region", name="People")
    expect(people.get_by_role("link", name="Ann Gray")).to_be_visible()
    assert clicks.count == 1
