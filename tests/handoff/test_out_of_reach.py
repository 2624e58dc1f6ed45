"""A lead without an email address and a phone number is completed before sales gets it."""

from datetime import timedelta
from typing import Any

import pytest

from handoff.answers.complete import complete_and_reoffer, missing_codes
from handoff.marketing_actions import CannotBeReached, send_to_sales
from handoff.models import Handoff
from handoff.pipeline import receive
from handoff.return_reasons import return_reasons
from leads.events import Incomplete, payload_of
from leads.models import Lead, LeadEvent
from leads.stages import Stage
from people.models import Notice, Team, User
from people.notices import deliver_notices
from people.roles import Role
from tests.factories import make_lead, make_person, make_pool, make_touch
from tests.pages import page_at
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

UNREACHABLE: dict[str, Any] = {
    "email": "",
    "email_is_corporate": None,
    "phone": "",
    "external_id": "crm-77",
}


@pytest.fixture
def marketer() -> User:
    marketer = make_person(Role.MARKETER)
    Team.objects.get(function=Team.Function.MARKETING).members.add(marketer)
    return marketer


@pytest.fixture
def lead(marketer: User) -> Lead:
    make_pool()
    return make_lead(**UNREACHABLE)


def test_demo_request_that_no_one_can_reach_is_shown_to_marketing(
    lead: Lead, marketer: User
) -> None:
    assert lead.stage in {Stage.NEW, Stage.ENGAGED}
    assert not Handoff.objects.exists()
    assert lead.missing_fields == ["contact.has_email", "contact.has_phone"]
    assert missing_codes(lead, None) == lead.missing_fields
    assert payload_of(LeadEvent.objects.get(kind="incomplete")) == Incomplete(
        fields=lead.missing_fields
    )
    assert list(Lead.objects.to_complete()) == [lead]
    assert return_reasons([lead.pk]) == {lead.pk: "Missing: Email or Phone"}
    notice = Notice.objects.get()
    assert (notice.recipient, notice.subject) == (
        marketer,
        "A lead that asked for sales cannot be reached",
    )


def test_lead_with_enough_points_is_held_back_as_well(marketer: User) -> None:
    make_pool()
    lead = make_lead(**UNREACHABLE, lead_type="download")

    assert lead.score >= 75
    assert Notice.objects.get().subject == "A lead that is ready for sales cannot be reached"
    assert not Handoff.objects.exists()


def test_lead_page_and_list_say_what_is_missing(lead: Lead, marketer: User) -> None:
    page = page_at(lead.get_absolute_url(), marketer)
    rows = page_at("/leads/?returned=yes", marketer)

    assert "has no email address and no phone number" in page.html
    assert "Marketing adds a way to reach the contact, and offers it to sales." in page.html
    assert "Send to sales" not in page.texts("summary")
    assert "Missing: Email or Phone" in rows.html


def test_another_touch_asks_only_once(lead: Lead) -> None:
    receive(
        make_touch(**UNREACHABLE, offer="Another"), at=MONDAY_9AM + timedelta(days=1), via="test"
    )

    assert LeadEvent.objects.filter(kind="incomplete").count() == 1
    assert Notice.objects.count() == 1


def test_completed_lead_is_offered(lead: Lead, marketer: User) -> None:
    at = MONDAY_9AM + timedelta(hours=1)

    handoff_id = complete_and_reoffer(
        lead_id=lead.pk,
        values={"contact.has_email": "ana@kontor.example", "contact.has_corporate_email": True},
        by=marketer,
        at=at,
    )

    lead.refresh_from_db()
    assert handoff_id is not None
    assert lead.missing_fields == []
    assert not Lead.objects.to_complete().exists()
    assert deliver_notices(at=at) == 2
    assert Notice.objects.filter(kind="incomplete", read_at=None).count() == 0


def test_touch_that_names_a_phone_offers_the_lead(lead: Lead) -> None:
    receipt = receive(
        make_touch(**UNREACHABLE | {"phone": "+493012345678"}),
        at=MONDAY_9AM + timedelta(days=1),
        via="test",
    )

    assert (receipt.lead_id, receipt.handoff_id is None) == (lead.pk, False)
    assert Lead.objects.get(pk=lead.pk).missing_fields == []


def test_exception_is_refused_without_a_way_to_reach_the_contact(
    lead: Lead, marketer: User
) -> None:
    with pytest.raises(CannotBeReached):
        send_to_sales(lead_id=lead.pk, why="They asked.", by=marketer, at=MONDAY_9AM)

    assert not Handoff.objects.exists()
