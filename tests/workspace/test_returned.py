"""Returned leads: marketing lists them, is notified, and completes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from api.models import ApiKey
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.complete import complete_and_reoffer
from handoff.answers.reject import reject_handoff
from handoff.models import Handoff
from leads.models import Campaign
from people.models import Membership, Notice, Team, User
from people.roles import Role
from tests.factories import make_handoff, make_lead, make_person, make_pool, make_rep
from tests.intake.factories import make_key
from tests.pages import Page, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM, make_team, make_user

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(minutes=5)
SATURDAY = MONDAY_9AM + timedelta(days=5)
RETURNED = "?returned=yes"


@pytest.fixture(autouse=True)
def _later() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def mia() -> User:
    mia = make_rep("Mia Hoffmann")
    make_pool(mia, make_rep())
    return mia


@pytest.fixture
def marketer() -> User:
    return make_person(Role.MARKETER, "Leo Winter")


def return_lead(handoff: Handoff, reason: str = "", *, at: datetime = LATER) -> None:
    """With a reason, or because it could not be evaluated."""
    assert handoff.owner is not None
    if reason:
        reject_handoff(
            handoff_id=handoff.pk, reason_code=reason, by=handoff.owner, at=at, note="Call Bob."
        )
    else:
        missing = ["contact.has_phone", "company.employees"]
        mark_cannot_evaluate(handoff_id=handoff.pk, missing_fields=missing, by=handoff.owner, at=at)


def page_of(user: User, handoff: Handoff) -> Page:
    return page_at(f"/leads/{handoff.lead_id}/", user)


def listed(user: User) -> list[str]:
    return page_at(f"/leads/{RETURNED}", user).texts("[data-key-focus]")


def asks_to_complete(user: User, handoff: Handoff) -> bool:
    form = f'#complete form[action="/leads/{handoff.lead_id}/complete/"]'
    return page_of(user, handoff).has(form)


@pytest.mark.parametrize("reason", ["", "bad_data", "no_authority"])
def test_returned_filter_lists_leads_until_they_are_offered_again(
    reason: str, mia: User, marketer: User
) -> None:
    handoff = make_handoff(name="Ann Sent", employees=None)
    for offer in ("Blog", "Prices"):
        visitor = make_lead(
            kind="site_visit", offer=offer, email="bo@e.example", lead_type="low_intent"
        )
    assert visitor.stage == "engaged"
    make_handoff(name="Ann Offered")
    return_lead(handoff, reason)

    assert listed(marketer) == ["Ann Sent"]
    assert asks_to_complete(marketer, handoff)

    values = {"contact.title": "COO"}
    assert complete_and_reoffer(lead_id=handoff.lead_id, values=values, by=marketer, at=LATER)
    assert listed(marketer) == []
    assert not asks_to_complete(marketer, handoff)


@pytest.mark.parametrize("reason", ["bad_timing", "duplicate", "not_icp"])
def test_rejection_without_marketing_work_is_not_returned(
    reason: str, mia: User, marketer: User
) -> None:
    handoff = make_handoff()
    return_lead(handoff, reason)

    assert listed(marketer) == []
    assert not asks_to_complete(marketer, handoff)


@pytest.mark.parametrize("name", ["returned", "sent_back"])
def test_api_accepts_current_and_former_filter_name(mia: User, name: str) -> None:
    make_handoff()
    handoff = make_handoff()
    return_lead(handoff)
    secret = make_key(ApiKey.Scope.LEADS_READ)

    answer = Client().get(
        f"/api/v1/leads/?{name}=yes", headers={"Authorization": f"Bearer {secret}"}
    )

    assert [lead["lead"] for lead in answer.json()["results"]] == [handoff.lead_id]


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("", "Sales could not evaluate it. Missing: Phone, Company size."),
        ("bad_data", "Sales rejected it: Bad data: “Call Bob.”"),
        ("no_authority", "Sales rejected it: No authority: “Call Bob.”"),
    ],
)
def test_marketing_and_campaign_owner_are_notified_in_working_hours(
    reason: str, why: str, mia: User, marketer: User
) -> None:
    member, gone = make_person(Role.MARKETER), make_user(is_active=False)
    for person in (member, marketer, gone):
        Membership.objects.create(team=Team.objects.get(function="marketing"), user=person)
    owner = make_person(Role.MARKETER)
    make_team(owner)
    for code, whose in (("spring", owner), ("winter", make_person(Role.MARKETER))):
        Campaign.objects.create(code=code, name=code, owner=whose)
    handoff = make_handoff(name="Ann Sent", campaign="spring")

    return_lead(handoff, reason, at=SATURDAY)

    notices = Notice.objects.filter(kind="sent_back").order_by("recipient")
    assert [notice.recipient for notice in notices] == [marketer, member, owner]
    assert {
        (notice.subject, notice.body, notice.path, notice.deliver_at) for notice in notices
    } == {
        (
            "Sales returned a lead",
            f"{why} Complete it to offer it to sales again.",
            f"/leads/{handoff.lead_id}/",
            MONDAY_9AM + timedelta(days=7),
        )
    }


def test_campaign_owner_on_the_team_is_notified_once_per_return(mia: User, marketer: User) -> None:
    Membership.objects.create(team=Team.objects.get(function="marketing"), user=marketer)
    Campaign.objects.create(code="spring", name="Spring", owner=marketer)
    handoff = make_handoff(campaign="spring")
    for _ in range(2):
        return_lead(handoff)
        values = {"contact.title": "COO"}
        complete_and_reoffer(lead_id=handoff.lead_id, values=values, by=marketer, at=LATER)
        handoff = Handoff.objects.open().get(lead=handoff.lead_id)

    assert marketer.notices.filter(kind="sent_back").count() == 2


def test_rejection_without_marketing_work_notifies_no_one(mia: User, marketer: User) -> None:
    Membership.objects.create(team=Team.objects.get(function="marketing"), user=marketer)

    return_lead(make_handoff(), "bad_timing")

    assert not marketer.notices.exists()


def test_no_authority_lead_is_resent_after_updating_the_title(mia: User, marketer: User) -> None:
    handoff = make_handoff()
    return_lead(handoff, "no_authority")

    page = page_of(marketer, handoff)

    assert page.text(".lead-next") == (
        "Next step: Marketing completes the missing fields and offers it to sales again."
    )
    assert page.text("#complete .card-head p").endswith(
        "A different contact at the company becomes a separate lead."
    )
    assert page.values("#complete .field [name]", "name") == [
        "contact-title",
        "contact-seniority",
    ]
    signed_in_as(marketer).post(
        f"/leads/{handoff.lead_id}/complete/", {"contact-seniority": "c_level"}
    )
    again = Handoff.objects.open().get(lead=handoff.lead_id)
    assert again.lead.contact.seniority == "c_level"
    assert again.owner not in (handoff.owner, None)


def test_former_filter_name_redirects_to_the_current_one(marketer: User) -> None:
    answer = signed_in_as(marketer).get("/leads/?sent_back=yes&sort=score")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/leads/?sort=score&returned=yes"
