"""Leads in every state, people of every role, and the pages that each of them can reach."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from core.permissions import Right
from handoff.answers.accept import accept_handoff
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reject import reject_handoff
from handoff.lead_access import visible_leads
from handoff.models import Handoff
from handoff.notes import add_note
from handoff.tasks import sweep_clocks
from leads.models import Campaign
from people.models import Absence, Membership, Team, User
from people.roles import Role
from reporting.tasks import follow_log
from tests.factories import make_handoff, make_person, route_everything_to
from tests.people.factories import FULL_DAY, make_calendar, make_team
from workspace.navigation import PAGES, links_among

NAMES = (
    "Donaudampfschifffahrtsgesellschaftskapitaen" * 4,
    "Maximiliane-Alexandra von Hohenzollern-Sigmaringen " * 3,
    "Jürgen Müßiggänger-Çelik",
    "山田太郎・佐藤花子" * 8,
    "محمد بن سلمان الحربي",
)
COMPANY = ("Vereinigte Gesellschaft für Güter & Söhne " * 5)[:200]


def make_people() -> dict[Role, User]:
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
