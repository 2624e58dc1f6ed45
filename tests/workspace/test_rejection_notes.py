"""The rep's note on a rejection reaches marketing."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest

from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reject import reject_handoff
from handoff.models import Handoff
from handoff.rejection_digest import send_rejection_digests
from leads.models import Campaign
from people.models import Notice, User
from people.roles import Role
from reporting.rollups.refresh import follow_log
from tests.factories import make_handoff, make_person, make_pool, make_rep
from tests.pages import page_at, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.plans import plans_of, pretend_large

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(minutes=5)
TUESDAY = MONDAY_9AM + timedelta(days=1)
NOTE = "The number belongs to a bakery."
PERIOD = "from=2026-10-01&to=2026-11-30"


@pytest.fixture
def mia() -> User:
    mia = make_rep("Mia Hoffmann")
    make_pool(mia)
    return mia


@pytest.fixture
def leo() -> User:
    leo = make_person(Role.MARKETER, "Leo Winter")
    Campaign.objects.create(code="spring", name="Spring", owner=leo)
    return leo


def make_rejected(reason: str = "bad_data", *, at: datetime = LATER, note: str = NOTE) -> Handoff:
    handoff = make_handoff(name="Ann Sent", campaign="spring")
    assert handoff.owner is not None
    return reject_handoff(
        handoff_id=handoff.pk, reason_code=reason, note=note, by=handoff.owner, at=at
    )


def test_timeline_and_returned_list_show_the_note(mia: User, leo: User) -> None:
    handoff = make_rejected()

    page = page_at(f"/leads/{handoff.lead_id}/", leo)
    listed = page_at("/leads/?returned=yes", leo)

    assert f"Rejected: Bad data · Mia Hoffmann “{NOTE}”" in page.texts(".timeline-what")
    assert listed.texts(".lead-returned") == [f"Bad data: “{NOTE}”"]


def test_returned_list_shows_the_latest_answer(mia: User, leo: User) -> None:
    handoff = make_handoff()
    mark_cannot_evaluate(
        handoff_id=handoff.pk, missing_fields=["contact.has_phone"], by=mia, at=LATER
    )

    assert page_at("/leads/?returned=yes", leo).texts(".lead-returned") == ["Missing: Phone"]
    assert page_at("/leads/", leo).texts(".lead-returned") == []


@pytest.mark.parametrize("figure", ["metric=rejections", "metric=disqualified"])
def test_drilldown_and_its_file_show_the_note(figure: str, mia: User, leo: User) -> None:
    make_rejected("duplicate")
    follow_log(at=LATER)
    address = f"/reports/leads/?{figure}&{PERIOD}"

    page = page_at(address, leo)
    response: Any = signed_in_as(leo).get(f"{address}&format=csv")
    text = b"".join(response.streaming_content).decode()

    assert page.texts("td[data-label='Rejection reason'] .table-sub") == [f"“{NOTE}”"]
    assert [row["note"] for row in csv.DictReader(StringIO(text))] == [NOTE]


def test_note_on_a_lead_of_another_team_is_not_shown(mia: User, leo: User) -> None:
    make_rejected("duplicate")
    follow_log(at=LATER)
    stranger = make_rep()
    address = f"/reports/leads/?metric=rejections&{PERIOD}"

    response: Any = signed_in_as(stranger).get(f"{address}&format=csv")
    text = b"".join(response.streaming_content).decode()

    assert NOTE not in page_at(address, stranger).html
    assert [row["note"] for row in csv.DictReader(StringIO(text))] == [""]


def test_notes_on_leads_are_looked_up_one_by_one(mia: User, leo: User) -> None:
    make_rejected()
    follow_log(at=LATER)
    pretend_large("leads_lead", "handoff_handoff", "reporting_handoffmilestones")
    client = signed_in_as(mia)

    plans = plans_of(lambda: client.get("/reports/leads/?metric=rejection_reasons"))

    assert any("handoff_rejection" in plan for plan in plans)
    assert not [plan for plan in plans if "Seq Scan on leads_lead " in plan]


@pytest.mark.parametrize("reason", ["bad_timing", "duplicate", "not_icp", "no_budget"])
def test_campaign_owner_is_notified_of_every_rejection(reason: str, mia: User, leo: User) -> None:
    handoff = make_rejected(reason)

    notice = Notice.objects.get(recipient=leo)
    assert notice.subject == f"Sales rejected lead {handoff.lead_id} of Spring"
    assert NOTE in notice.body
    assert notice.path == f"/leads/{handoff.lead_id}/"


def test_daily_digest_groups_the_rejections_of_yesterday(mia: User, leo: User) -> None:
    User.objects.filter(pk=leo.pk).update(rejection_notices="daily")
    first = make_rejected("duplicate")
    second = make_rejected("bad_timing", note="")
    third = make_rejected("duplicate", note="")
    make_rejected("duplicate", at=TUESDAY)
    assert not Notice.objects.filter(recipient=leo).exists()

    for hour in range(3):
        send_rejection_digests(at=TUESDAY + timedelta(hours=hour))

    notice = Notice.objects.get(recipient=leo)
    assert notice.subject == "Sales rejected 3 leads of your campaigns yesterday"
    assert notice.body.splitlines() == [
        "Duplicate or already in the pipeline: 2",
        f"- Lead {first.lead_id}: “{NOTE}”",
        f"- Lead {third.lead_id}",
        "Bad timing: 1",
        f"- Lead {second.lead_id}",
    ]


def test_digest_day_is_the_owners(mia: User, leo: User) -> None:
    User.objects.filter(pk=leo.pk).update(rejection_notices="daily", time_zone="Pacific/Honolulu")
    make_rejected("duplicate", at=MONDAY_9AM)  # still Sunday in Honolulu

    assert send_rejection_digests(at=MONDAY_9AM + timedelta(hours=2)) == 1
    assert send_rejection_digests(at=TUESDAY + timedelta(hours=2)) == 0
