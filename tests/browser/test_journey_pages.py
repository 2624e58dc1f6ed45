"""Every page of every role: quiet, within its policy, and no wider than its screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from core.permissions import Right
from handoff.answers.accept import accept_handoff
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reject import reject_handoff
from handoff.lead_access import visible_leads
from handoff.models import Handoff, RuleSet
from handoff.notes import add_note
from handoff.tasks import sweep_clocks
from leads.models import Campaign, ScoringModel
from people.models import Absence, Membership, Team, User
from people.roles import Role
from reporting.tasks import follow_log
from tests.admin_pages import url_of
from tests.browser.watching import Complaints, sideways
from tests.factories import make_handoff, make_person, route_everything_to
from tests.people.factories import FULL_DAY, make_calendar, make_team
from workspace.navigation import PAGES, links_among

SignIn = Callable[[User], Page]
NAMES = (
    "Donaudampfschifffahrtsgesellschaftskapitaen" * 4,
    "Maximiliane-Alexandra von Hohenzollern-Sigmaringen " * 3,
    "Jürgen Müßiggänger-Çelik",
    "山田太郎・佐藤花子" * 8,
    "محمد بن سلمان الحربي",
)
COMPANY = ("Vereinigte Gesellschaft für Güter & Söhne " * 5)[:200]


@pytest.fixture
def people() -> dict[Role, User]:
    """One of each role, around leads in every state whose names are as awkward as names are."""
    people = {role: make_person(role, f"{role.label} {COMPANY}"[:120]) for role in Role}
    rep, manager = people[Role.REP], people[Role.SALES_MANAGER]
    mate = make_person(Role.REP, "Mia Hoffmann")
    always_open = make_calendar(FULL_DAY, days=range(7))
    team = make_team(rep, mate, manager=manager, calendar=always_open)
    route_everything_to(team)
    Membership.objects.create(team=Team.objects.get(name="Qualification"), user=rep)
    at = timezone.now() - timedelta(minutes=10)
    Absence.objects.create(user=mate, starts_at=at, ends_at=at + timedelta(days=3), note=COMPANY)
    for name in NAMES:
        hand_over(name, at)
        hand_over(name, at - timedelta(days=9))
        accept_handoff(handoff_id=hand_over(name, at).pk, by=rep, at=at)
        rejected, returned = hand_over(name, at), hand_over(name, at)
        reject_handoff(handoff_id=rejected.pk, reason_code="no_budget", note=COMPANY, by=rep, at=at)
        mark_cannot_evaluate(
            handoff_id=returned.pk, missing_fields=["company.industry"], by=rep, at=at
        )
        add_note(lead=returned.lead, text=f"@{rep.name}: {name * 3}", by=rep, at=at)
    sweep_clocks()
    follow_log()
    return people


def hand_over(name: str, at: datetime) -> Handoff:
    return make_handoff(
        at=at, name=name[:200], title=name[:200], company=COMPANY, stated_problem=name * 3
    )


def hrefs_for(person: User) -> list[str]:
    """Return the pages of the bar, a lead of each stage, and pages that are not in the bar."""
    links = links_among(PAGES, person.rights)
    hrefs = {page.href for link in links for page in (link, *link.parts)}
    leads = visible_leads(person).order_by("stage", "pk").distinct("stage")
    hrefs |= {reverse("workspace:lead", args=[lead.pk]) for lead in leads}
    hrefs |= {reverse("workspace:contact", args=[lead.contact_id]) for lead in leads[:1]}
    hrefs |= {reverse("workspace:company", args=[lead.company_id]) for lead in leads[:1]}
    campaigns = Campaign.objects.order_by("pk")[:1]
    hrefs |= {reverse("workspace:campaign", args=[campaign.pk]) for campaign in campaigns}
    hrefs |= {reverse("workspace:person", args=[lead.owner_id]) for lead in leads if lead.owner_id}
    if person.may(Right.ADD_LEADS):
        hrefs |= {"/leads/new/", reverse("workspace:edit_contact", args=[leads[0].pk])}
    hrefs |= {"/", "/notices/", "/leads/?q=hohenzollern&stage=nurture", "/leads/?q=nobody"}
    return sorted(hrefs | {"/reports/leads/?metric=rejection_reasons"})


# Times as wide as they get, so that the test does not depend on the time of day.
WIDE_TIMES: Final = """
for (const time of document.querySelectorAll("time")) {
  if (!time.childElementCount) time.textContent = time.textContent.replace(/\\b\\d:/, "10:");
}
"""


@pytest.mark.parametrize("role", Role)
def test_pages_fit_without_errors_in_both_themes_and_sizes(
    role: Role, sign_in: SignIn, people: dict[Role, User]
) -> None:
    page = sign_in(people[role])
    complaints = Complaints(page.context)
    wide: dict[str, int] = {}

    for href in hrefs_for(people[role]):
        page.goto(href)
        page.evaluate(WIDE_TIMES)
        wide |= sideways(page)

    assert complaints == []
    assert wide == {}


def test_the_open_lead_fits_beside_the_list(sign_in: SignIn, people: dict[Role, User]) -> None:
    rep = people[Role.REP]
    page = sign_in(rep)
    complaints = Complaints(page.context)
    wide: dict[str, int] = {}

    for handoff in Handoff.objects.open().filter(owner=rep):
        page.goto(f"/inbox/?lead={handoff.lead_id}")
        expect(page.locator("#work:not([aria-busy=true]) h2")).to_be_visible()
        for panel in page.locator("#work summary.button").all():
            panel.click()
        wide |= sideways(page)

    assert complaints == []
    assert wide == {}


def test_admin_pages_log_no_errors(sign_in: SignIn, people: dict[Role, User]) -> None:
    page = sign_in(people[Role.OPERATIONS])
    complaints = Complaints(page.context)
    rows = [RuleSet.objects.latest("pk"), ScoringModel.objects.latest("pk"), people[Role.REP]]
    hrefs = [reverse("admin:index"), reverse("admin:people_user_changelist"), *map(url_of, rows)]

    for href in hrefs:
        page.goto(href)

    assert complaints == []


@pytest.mark.parametrize(("href", "narrowest"), [("/sign-in/", 320), ("/api/v1/docs/", 390)])
def test_anonymous_pages_fit_without_errors(page: Page, href: str, narrowest: int) -> None:
    complaints = Complaints(page.context)

    page.goto(href, wait_until="networkidle")

    assert sideways(page, narrowest) == {}
    assert complaints == []
