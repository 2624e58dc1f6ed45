"""Pages that show the same figure show the same number."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from api.models import ApiKey
from core.unit_of_work import UnitOfWork, reserve_ids
from handoff.answers.accept import accept_handoff
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reject import reject_handoff
from handoff.models import Handoff
from handoff.offers import Offer, offer
from handoff.reassignment import reassign
from handoff.sla.policy import policy_of
from leads.models import Campaign, Lead
from people.models import User
from people.roles import Role
from reporting.queries.reports import REPORTS, run_report
from reporting.queries.scope import Period, Scope
from reporting.registry.metrics import METRICS
from tests.factories import make_handoff, make_person, make_pool, make_queue, make_rep, owner_of
from tests.intake.factories import make_key
from tests.journeys.story import Story
from tests.pages import Page, card, signed_in_as
from tests.people.factories import MONDAY_9AM
from workspace.team.queries import DAYS

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
FIRST_DAY = MONDAY_9AM.date()
LAST_MOMENT = MONDAY_9AM + timedelta(days=DAYS - 1)
MIA, JON, TOM = "Mia", "Jon", "Tom Berger"


@pytest.fixture
def manager() -> User:
    """Create a manager who is also a member of the team and answers once for a rep."""
    manager = make_person(Role.SALES_MANAGER, TOM)
    make_pool(make_rep(MIA), make_rep(JON), manager, manager=manager)
    return manager


def person(name: str) -> User:
    return User.objects.get(name=name)


def offered_to(name: str, *, days: int = 0) -> Handoff:
    """Create a lead of that day and make sure that this person has it."""
    handoff = make_handoff(at=MONDAY_9AM + timedelta(days=days))
    return handoff if handoff.owner == person(name) else reassign_to(handoff, name)


def reassign_to(handoff: Handoff, name: str, hours: int = 0) -> Handoff:
    handoff_id = reassign(
        handoff_id=handoff.pk,
        to=person(name),
        by=person(TOM),
        at=handoff.offered_at + hours * HOUR,
        although_had_it=True,
    )
    return Handoff.objects.get(pk=handoff_id)


def accept(handoff: Handoff, name: str, hours: int = 1) -> None:
    at = handoff.offered_at + hours * HOUR
    accept_handoff(handoff_id=handoff.pk, by=person(name), at=at)


def reject(handoff: Handoff, name: str, hours: int = 1) -> None:
    at = handoff.offered_at + hours * HOUR
    reject_handoff(handoff_id=handoff.pk, reason_code="no_budget", by=person(name), at=at)


def return_lead(handoff: Handoff, name: str, hours: int = 1) -> None:
    at = handoff.offered_at + hours * HOUR
    missing = ["company.industry"]
    mark_cannot_evaluate(handoff_id=handoff.pk, missing_fields=missing, by=person(name), at=at)


def make_answers() -> None:
    """Accept or reject seven leads, four of them accepted first; return or leave the others."""
    accept(offered_to(MIA), MIA)
    revoked = offered_to(MIA)
    accept(revoked, MIA)
    reject(revoked, MIA, hours=5)
    reject(offered_to(MIA), MIA)
    reassigned = offered_to(JON)
    accept(reassigned, JON)
    reject(reassign_to(reassigned, MIA, hours=2), MIA)
    returned_later = offered_to(JON)
    accept(returned_later, JON)
    return_lead(returned_later, JON, hours=4)
    reject(offered_to(JON), TOM)
    reject(offered_to(JON, days=DAYS - 2), JON)
    return_lead(offered_to(JON), JON)
    offered_to(MIA)
    reject(offered_to(MIA, days=-1), MIA, hours=30)


def offer_again(lead: Lead, name: str, *, at: datetime) -> None:
    work, owner = UnitOfWork(), person(name)
    handoff_id = reserve_ids(Handoff, 1)[0]
    offered = Offer(handoff_id=handoff_id, owner_id=owner.pk, team_id=None, edition_id=None)
    offer(work, Lead.objects.get(pk=lead.pk), offered, policy_of(_policy_id()), at=at)
    work.write()


def _policy_id() -> int:
    return Handoff.objects.values_list("policy", flat=True)[0]


def team_page_figures(page: Page) -> dict[str, tuple[int, int, int]]:
    """Return accepted, answered and rejected leads of each member."""
    names = page.texts(".team-member")
    initials = page.texts(".team-member .avatar")
    rates = page.texts('[data-label="Sales acceptance"] .rate-of')
    rejected = page.texts('[data-label="Rejected"]')
    figures = {}
    for name, start, rate, count in zip(names, initials, rates, rejected, strict=True):
        accepted, answered = rate.removeprefix("· ").split(" of ")
        figures[name.removeprefix(start)] = (int(accepted), int(answered), int(count))
    return figures


def test_team_page_and_reports_count_the_same_first_answers(manager: User) -> None:
    make_answers()
    story = Story()
    story.workers_run(LAST_MOMENT)

    team_page = team_page_figures(story.sees(manager, "/team/", LAST_MOMENT))
    days = f"from={FIRST_DAY}&to={LAST_MOMENT.date()}"
    overview = story.sees(manager, f"/reports/?{days}", LAST_MOMENT)

    assert team_page == {MIA: (2, 3, 1), JON: (2, 3, 1), TOM: (0, 1, 1)}
    tile = '.tile:has(a:lexbor-contains("Sales acceptance"))'
    assert overview.text(f"{tile} .tile-note") == "4 of 7"


def test_team_page_and_report_agree_for_every_person(manager: User) -> None:
    make_answers()
    make_queue(person(MIA), person(JON), manager, manager=manager)
    pulled = make_handoff(at=MONDAY_9AM)
    accept(pulled, JON)
    reject(reassign_to(pulled, MIA, hours=3), MIA)
    pulled_and_rejected = make_handoff(at=MONDAY_9AM)
    reject(pulled_and_rejected, MIA)
    # Answered by one rep, resurfaced and now with another one.
    offer_again(pulled_and_rejected.lead, JON, at=MONDAY_9AM + 48 * HOUR)
    story = Story()
    story.workers_run(LAST_MOMENT)

    team_page = team_page_figures(story.sees(manager, "/team/", LAST_MOMENT))
    period = Scope(Period(FIRST_DAY, LAST_MOMENT.date()))
    by_owner = run_report(REPORTS["sources"], period, "owner").rows

    assert team_page[JON] == (3, 4, 1)
    assert team_page[MIA] == (2, 4, 2)
    assert {
        row["owner"]: (row["accepted"], row["answered"], row["rejected"])
        for row in by_owner
        if row["answered"]
    } == team_page


def test_page_of_a_person_shows_the_figures_of_the_speed_report(manager: User) -> None:
    make_answers()
    story = Story()
    story.workers_run(LAST_MOMENT)

    for name in (MIA, JON, TOM):
        page = story.sees(manager, f"/people/{person(name).pk}/", LAST_MOMENT)
        report = story.sees(manager, "/reports/speed/?by=user", LAST_MOMENT)
        row = f'.table-scroll tbody tr:has(th a:lexbor-contains("{name}"))'

        assert page.texts(".tile-figure strong") == report.texts(f"{row} td a")
        assert page.values(".tile-link", "href") == report.links(f"{row} td a")


def test_page_of_a_campaign_shows_the_figures_of_the_reports(manager: User) -> None:
    guide = Campaign.objects.create(code="guide", name="Pricing guide")
    make_answers()
    for _ in range(3):
        rejected, accepted = (make_handoff(at=MONDAY_9AM, campaign="guide") for _ in range(2))
        reject(rejected, owner_of(rejected).name)
        accept(accepted, owner_of(accepted).name)
    story = Story()
    story.workers_run(LAST_MOMENT)

    page = story.sees(manager, f"/campaigns/{guide.pk}/", LAST_MOMENT)
    report = story.sees(manager, "/reports/sources/?by=campaign", LAST_MOMENT)
    reasons = story.sees(manager, f"/reports/rejections/?campaign={guide.pk}", LAST_MOMENT)
    row = '.table-scroll tbody tr:has(th a:lexbor-contains("Pricing guide"))'

    assert page.texts(".tile-figure strong") == report.texts(f"{row} td a")
    assert page.values(".tile-link", "href") == report.links(f"{row} td a")
    (opened,) = report.links(f"{row} th a")
    assert opened.startswith(f"/campaigns/{guide.pk}/?from=")
    from_report = story.sees(manager, opened, LAST_MOMENT)
    assert from_report.values(".tile-link", "href") == page.values(".tile-link", "href")
    feedback = card("Feedback from sales")
    (total,) = page.texts(f"{feedback} tfoot td")
    assert total == page.texts(f"{feedback} tbody td a")[0] == "3"
    assert "3 of 6" in reasons.text(".tiles")


def test_team_page_and_reports_share_the_definition(manager: User) -> None:
    page = Story().sees(manager, "/team/", LAST_MOMENT)

    assert page.facts(".facts-defined")["Sales acceptance"] == METRICS["sales_acceptance"].wording


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_report_list_export_and_api_have_the_same_day(zone: str, settings: Settings) -> None:
    settings.REPORTING_TIME_ZONE = "America/New_York"
    make_pool(make_rep())
    make_handoff(at=datetime(2026, 11, 4, 2, tzinfo=UTC))
    story = Story()
    story.workers_run(LAST_MOMENT)
    reader = make_person(Role.OPERATIONS, time_zone=zone)
    secret = make_key(ApiKey.Scope.LEADS_READ)

    for day, number in (("2026-11-02", 0), ("2026-11-03", 1), ("2026-11-04", 0)):
        period = Scope(Period(date.fromisoformat(day), date.fromisoformat(day)))
        opened = f"opened_from={day}&opened_to={day}"
        client = signed_in_as(reader)
        page = Page(client.get(f"/leads/?{opened}"))
        export = client.get(f"/leads/export.csv?{opened}")
        lines = b"".join(export.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
        listed = Client().get(
            f"/api/v1/leads/?{opened}", headers={"Authorization": f"Bearer {secret}"}
        )

        assert sum(row["leads"] for row in run_report(REPORTS["sources"], period).rows) == number
        assert len(page.all("tbody tr")) == number
        assert len(lines) - 1 == number
        assert len(listed.json()["results"]) == number
