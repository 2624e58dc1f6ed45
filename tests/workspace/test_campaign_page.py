"""The page of a campaign: brief, results, feedback and leads."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.apps import apps

from handoff.answers.reject import reject_handoff
from handoff.models import Handoff
from leads.models import Campaign
from people.models import User
from people.roles import Role
from reporting.tasks import follow_log
from tests.factories import make_handoff, make_person, make_pool, make_rep, owner_of
from tests.pages import Page, card, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

NOW = MONDAY_9AM + timedelta(hours=4)
BRIEF = {
    "theme": "Renewals",
    "offer": "Guide",
    "problem": "Contracts renew blindly.",
    "talking_points": "Who owns renewals?\nHansen saved a fifth.",
    "starts_on": "2026-11-01",
    "ends_on": "2026-11-30",
}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def campaign() -> Campaign:
    make_pool(make_rep("Mia Hoffmann"))
    return Campaign.objects.create(code="guide", name="Pricing guide")


@pytest.fixture
def marketer() -> User:
    return make_person(Role.MARKETER, "Leo Winter")


def page_of(campaign: Campaign, reader: User, query: str = "") -> Page:
    return page_at(f"/campaigns/{campaign.pk}/{query}", reader)


def reject(handoff: Handoff, reason: str, note: str = "") -> None:
    by = owner_of(handoff)
    reject_handoff(handoff_id=handoff.pk, reason_code=reason, note=note, by=by, at=NOW)


def seen_on(page: Page) -> str:
    return page.values("#brief [name=seen]")[0]


def test_page_shows_brief_results_and_leads(campaign: Campaign, marketer: User) -> None:
    Campaign.objects.update(**{**BRIEF, "owner": marketer})
    handoff = make_handoff(campaign="guide", name="Ann Gray")
    make_handoff()
    follow_log()

    page = page_of(campaign, marketer)

    assert page.text("h1") == "Pricing guide"
    assert page.texts(".points li") == ["Who owns renewals?", "Hansen saved a fifth."]
    assert "Running" in page.texts(".lead-marks .badge")
    assert page.facts("#brief")["Owner"] == "Leo Winter"
    assert page.texts(".tile-figure strong")[:3] == ["1", "1", "0"]
    assert page.links(f"{card('Latest leads')} th a") == [f"/leads/{handoff.lead_id}/"]


def test_feedback_counts_reasons_and_quotes_notes(campaign: Campaign, marketer: User) -> None:
    reject(make_handoff(campaign="guide"), "no_budget")
    reject(make_handoff(campaign="guide", name="Bo Lind"), "no_budget", "Next year at the earliest")
    reject(make_handoff(campaign="guide"), "bad_timing", "In spring")
    reject(make_handoff(), "no_budget", "Of another campaign")
    follow_log()

    page = page_of(campaign, marketer)

    feedback = card("Feedback from sales")
    assert page.texts(f"{feedback} td a") == ["2", "1", "3"]
    assert page.texts(f"{feedback} .notes p[dir]") == ["“In spring”", "“Next year at the earliest”"]
    listed = page_at(page.links(f"{feedback} td a")[0], marketer)
    assert len(listed.all("tbody tr")) == 2


def test_rep_reads_only_notes_and_leads_they_may_open(campaign: Campaign) -> None:
    reject(make_handoff(campaign="guide"), "bad_timing", "In spring")
    follow_log()

    page = page_of(campaign, make_rep("Tom Brandt"))

    assert page.texts(f"{card('Feedback from sales')} td a") == ["1", "1"]
    assert not page.has(".notes")
    assert page.text(f"{card('Latest leads')} p") == "No leads that you can open in this period."
    assert not page.has("#brief form")


def test_marketer_edits_the_brief_and_the_change_is_recorded(
    campaign: Campaign, marketer: User
) -> None:
    client = signed_in_as(marketer)
    seen = seen_on(page_of(campaign, marketer))

    response = client.post(f"/campaigns/{campaign.pk}/brief/", {**BRIEF, "seen": seen})

    campaign.refresh_from_db()
    assert response.status_code == 302
    assert (campaign.problem, campaign.ends_on) == (BRIEF["problem"], date(2026, 11, 30))
    assert campaign.name == "Pricing guide"
    newest = apps.get_model("leads", "CampaignEvent").objects.latest("pgh_id")
    assert newest.pgh_context.metadata["user"] == marketer.pk


def test_second_editor_is_told_and_keeps_what_they_typed(
    campaign: Campaign, marketer: User
) -> None:
    client = signed_in_as(marketer)
    seen = seen_on(page_of(campaign, marketer))
    Campaign.objects.update(theme="Changed meanwhile")

    response = client.post(f"/campaigns/{campaign.pk}/brief/", {**BRIEF, "seen": seen})

    page = Page(response)
    campaign.refresh_from_db()
    assert (page.status, campaign.theme) == (422, "Changed meanwhile")
    assert page.values("#brief [name=theme]") == ["Renewals"]
    assert page.has("#brief details[open]")


def test_last_day_before_the_first_is_refused(campaign: Campaign, marketer: User) -> None:
    seen = seen_on(page_of(campaign, marketer))
    typed = {**BRIEF, "seen": seen, "ends_on": "2026-10-01"}

    response = signed_in_as(marketer).post(f"/campaigns/{campaign.pk}/brief/", typed)

    campaign.refresh_from_db()
    assert "The last day is before the first day." in Page(response).text("#brief .field-error")
    assert campaign.ends_on is None


def test_bad_dates_are_refused_in_words(campaign: Campaign, marketer: User) -> None:
    response = signed_in_as(marketer).get(f"/campaigns/{campaign.pk}/?from=2026-13-01")

    assert response.status_code == 400
    assert "is not a date" in Page(response).text(".page > .message-error:not([hidden])")


def test_period_limits_leads_and_results(campaign: Campaign, marketer: User) -> None:
    make_handoff(campaign="guide", at=MONDAY_9AM - timedelta(days=60))
    make_handoff(campaign="guide")
    follow_log()

    assert len(page_of(campaign, marketer).all(f"{card('Latest leads')} tbody tr")) == 2
    recent = page_of(campaign, marketer, "?from=2026-11-01")
    assert len(recent.all(f"{card('Latest leads')} tbody tr")) == 1
    assert recent.texts(".tile-figure strong")[0] == "1"


def test_leads_after_the_period_are_not_listed(campaign: Campaign, marketer: User) -> None:
    before = make_handoff(campaign="guide", at=MONDAY_9AM - timedelta(days=60))
    make_handoff(campaign="guide")

    page = page_of(campaign, marketer, "?from=2026-09-01&to=2026-10-31")

    assert page.links(f"{card('Latest leads')} th a") == [f"/leads/{before.lead_id}/"]


@pytest.mark.parametrize("leads", [1, 8])
def test_statements_do_not_grow_with_leads(leads: int, campaign: Campaign, marketer: User) -> None:
    for _ in range(leads):
        reject(make_handoff(campaign="guide"), "bad_timing", "In spring")
    follow_log()
    client = signed_in_as(marketer)
    client.get(f"/campaigns/{campaign.pk}/")

    # User, campaign, seen values, status, two figures, notes, leads.
    with exactly_statements(8):
        client.get(f"/campaigns/{campaign.pk}/")
