"""Pages of the app and the admin have no violation that axe finds, in both themes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from handoff.models import RejectionReason, RuleSet
from leads.models import MailDomain, Source
from people.models import Team, User
from people.roles import Role
from tests.admin_pages import url_of
from tests.browser.axe import violations
from tests.factories import make_lead, make_person

SignIn = Callable[[User], Page]
LISTS: Final = (
    *("people_user", "people_team", "people_workcalendar", "people_absence"),
    *("leads_contact", "leads_company", "leads_campaign", "leads_source", "leads_scoringmodel"),
    *("handoff_ruleset", "handoff_slapolicy", "handoff_rejectionreason", "api_apikey"),
)


def admin_addresses() -> list[str]:
    lead = make_lead(company="Vega")
    assert lead.company is not None
    source = Source.objects.create(code="fair", name="Fair")
    domain = MailDomain.objects.create(domain="mail.example")
    return [
        reverse("admin:index"),
        *(reverse(f"admin:{name}_changelist") for name in LISTS),
        url_of(make_person(Role.REP)),
        url_of(Team.objects.earliest("pk")),
        url_of(lead.contact),
        url_of(lead.company),
        url_of(source),
        url_of(RejectionReason.objects.earliest("pk")),
        url_of(RuleSet.objects.earliest("pk")),
        reverse("admin:leads_source_add"),
        reverse("admin:leads_source_history", args=[source.pk]),
        reverse(
            "admin:leads_maildomain_delete", args=[MailDomain.objects.create(domain="a.example").pk]
        ),
        reverse("admin:password_change"),
    ]


@pytest.mark.parametrize("width", [1280, 390])
def test_admin_pages_pass(width: int, sign_in: SignIn) -> None:
    page = sign_in(make_person(Role.OPERATIONS))
    page.set_viewport_size({"width": width, "height": 844})
    found: list[str] = []

    for address in admin_addresses():
        page.goto(address)
        found += violations(page)

    assert found == []


def test_search_passes(sign_in: SignIn) -> None:
    make_lead(name="José Núñez")
    page = sign_in(make_person(Role.MARKETER))

    page.goto("/search/?q=jose")
    found = violations(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("jose")
    expect(page.get_by_role("option").first).to_be_visible()
    found += violations(page)
    page.keyboard.type("nobody")
    expect(page.locator("dialog [role=status]")).to_contain_text("Nothing found")
    found += violations(page)

    assert found == []
