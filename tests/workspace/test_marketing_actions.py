"""Marketing acts on the leads it holds, from the lead page and from the list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from handoff.answers.reject import reject_handoff
from handoff.marketing_actions import (
    BadWakeDate,
    ContactSuppressed,
    NotWithMarketing,
    WhyRequired,
    disqualify,
    send_to_sales,
    set_wake_date,
)
from handoff.models import Handoff
from leads.models import Contact, ContextCard, Lead, LeadEvent
from people.models import User
from people.roles import Role
from tests.factories import make_handoff, make_lead, make_person, make_pool, make_rep
from tests.pages import Page, messages_of, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(minutes=5)
MARCH_1 = date(2027, 3, 1)


@pytest.fixture(autouse=True)
def _later() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def mia() -> User:
    mia = make_rep("Mia Hoffmann")
    make_pool(mia)
    return mia


@pytest.fixture
def leo() -> User:
    return make_person(Role.MARKETER, "Leo Winter")


@pytest.fixture
def client(leo: User) -> Client:
    return signed_in_as(leo)


def make_cold_lead(**fields: Any) -> Lead:
    lead = make_lead(
        kind="site_visit", lead_type="low_intent", seniority="staff", title="", **fields
    )
    assert not Handoff.objects.filter(lead=lead).exists()
    return lead


def act(client: Client, action: str, *leads: Lead, **values: object) -> list[str]:
    sent = {"action": action, "lead": [lead.pk for lead in leads], **values}
    return messages_of(client.post("/leads/act/", sent, follow=True))


def test_lead_is_sent_to_sales_through_routing_as_an_exception(mia: User, leo: User) -> None:
    lead = make_cold_lead()

    handoff_id = send_to_sales(lead_id=lead.pk, why="Met at the fair.", by=leo, at=LATER)

    handoff = Handoff.objects.get(pk=handoff_id)
    assert (handoff.owner, handoff.state, handoff.lead.stage) == (mia, "offered", "mql")
    assert handoff.decision is not None
    assert handoff.decision.because.startswith(
        "Sent to sales by Leo Winter as an exception: “Met at the fair.” "
    )
    assert handoff.clocks.filter(stopped_at=None).count() == 2
    event = LeadEvent.objects.get(lead=lead, to_stage="mql")
    assert (event.payload["why"], event.actor) == ("exception", leo)


def test_rep_who_rejected_a_lead_is_not_sent_it_again(leo: User) -> None:
    make_pool(make_rep("Mia"), make_rep("Jon"))
    handoff = make_handoff()
    assert handoff.owner is not None
    reject_handoff(handoff_id=handoff.pk, reason_code="bad_timing", by=handoff.owner, at=LATER)

    again = send_to_sales(lead_id=handoff.lead_id, why="They called.", by=leo, at=LATER)

    assert Handoff.objects.get(pk=again).owner not in (handoff.owner, None)


def test_refused_leads_stay_as_they_are(mia: User, leo: User) -> None:
    cold, offered = make_cold_lead(), make_handoff().lead
    Contact.objects.filter(pk=cold.contact_id).update(suppressed_at=LATER)
    closed = make_cold_lead()
    disqualify(lead_id=closed.pk, reason_code="duplicate", by=leo, at=LATER)
    events = LeadEvent.objects.count()

    with pytest.raises(WhyRequired):
        send_to_sales(lead_id=cold.pk, why=" ", by=leo, at=LATER)
    with pytest.raises(ContactSuppressed):
        send_to_sales(lead_id=cold.pk, why="Met them.", by=leo, at=LATER)
    for lead in (offered, closed):
        with pytest.raises(NotWithMarketing):
            send_to_sales(lead_id=lead.pk, why="Met them.", by=leo, at=LATER)
        with pytest.raises(NotWithMarketing):
            set_wake_date(lead_id=lead.pk, day=MARCH_1, by=leo, at=LATER)
        with pytest.raises(NotWithMarketing):
            disqualify(lead_id=lead.pk, reason_code="duplicate", by=leo, at=LATER)
    assert LeadEvent.objects.count() == events


def test_wake_date_nurtures_the_lead_and_is_shown(mia: User, leo: User) -> None:
    lead = make_cold_lead()

    set_wake_date(lead_id=lead.pk, day=MARCH_1, by=leo, at=LATER)

    lead.refresh_from_db()
    assert (lead.stage, lead.wake_on) == ("nurture", MARCH_1)
    page = page_at(f"/leads/{lead.pk}/", leo)
    assert "To resurface on Mar 1, 2027 · Leo Winter" in page.texts(".timeline-what")
    assert page.values("#marketing [name=day]") == ["2027-03-01"]


@pytest.mark.parametrize("day", [date(2026, 11, 2), date(2020, 1, 1), date(2199, 1, 1)])
def test_wake_date_is_in_the_near_future(day: date, mia: User, leo: User) -> None:
    lead = make_cold_lead()

    with pytest.raises(BadWakeDate, match="Choose a day after today"):
        set_wake_date(lead_id=lead.pk, day=day, by=leo, at=LATER)

    lead.refresh_from_db()
    assert lead.wake_on is None


def test_wake_date_ends_when_the_lead_moves_on(mia: User, leo: User) -> None:
    lead = make_cold_lead()
    set_wake_date(lead_id=lead.pk, day=MARCH_1, by=leo, at=LATER)

    send_to_sales(lead_id=lead.pk, why="They called.", by=leo, at=LATER)

    lead.refresh_from_db()
    assert (lead.stage, lead.wake_on) == ("mql", None)


@pytest.mark.parametrize(
    ("reason", "wake_on"), [("bad_timing", date(2027, 5, 1)), ("duplicate", None)]
)
def test_rejection_sets_the_date_of_its_reason(
    reason: str, wake_on: date | None, mia: User
) -> None:
    handoff = make_handoff()

    reject_handoff(handoff_id=handoff.pk, reason_code=reason, by=mia, at=LATER)

    assert Lead.objects.get(pk=handoff.lead_id).wake_on == wake_on


@pytest.mark.parametrize(("reason", "is_suppressed"), [("not_icp", True), ("duplicate", False)])
def test_lead_is_disqualified_with_a_reason(
    reason: str, is_suppressed: bool, mia: User, leo: User
) -> None:
    lead = make_cold_lead()

    with pytest.raises(WhyRequired):
        disqualify(lead_id=lead.pk, reason_code="", by=leo, at=LATER)
    disqualify(lead_id=lead.pk, reason_code=reason, by=leo, at=LATER)

    lead = Lead.objects.select_related("contact").get(pk=lead.pk)
    assert (lead.stage, lead.closed_at) == ("disqualified", LATER)
    assert (lead.contact.suppressed_at is not None) is is_suppressed
    event = LeadEvent.objects.get(lead=lead, to_stage="disqualified")
    assert (event.payload["reason"], event.actor) == (reason, leo)


def test_missing_data_is_completed_on_any_lead_of_marketing(
    mia: User, leo: User, client: Client
) -> None:
    lead = make_cold_lead(industry="", employees=None)
    page = page_at(f"/leads/{lead.pk}/", leo)
    assert "company-industry" in page.values("#marketing [name]", "name")

    client.post(f"/leads/{lead.pk}/complete/", {"company-industry": "Software"})

    lead = Lead.objects.select_related("company").get(pk=lead.pk)
    assert lead.company is not None
    assert lead.company.industry == "Software"


def test_lead_with_sales_shows_no_actions_of_marketing(mia: User, leo: User) -> None:
    handoff = make_handoff()

    assert not page_at(f"/leads/{handoff.lead_id}/", leo).has("#marketing")
    assert not page_at(f"/leads/{handoff.lead_id}/", mia).has("#marketing")


def test_selected_leads_of_the_list_are_sent_and_the_others_named(
    mia: User, leo: User, client: Client
) -> None:
    first, second, offered = make_cold_lead(), make_cold_lead(), make_handoff().lead
    assert len(page_at("/leads/", leo).values("[name=lead]")) == 3

    shown = act(client, "send", first, second, offered, why="Met at the fair.")

    refused = f"1 lead ({offered.contact}): Sales already has this lead."
    assert shown == ["2 leads sent to sales.", refused]
    assert Handoff.objects.open().filter(lead__in=[first, second]).count() == 2


@pytest.mark.parametrize(
    ("action", "values", "shown"),
    [
        ("send", {}, "Enter why sales should get this lead now."),
        ("wake", {"day": ""}, "Choose a date."),
        ("wake", {"day": "soon"}, "Enter a valid date."),
        ("disqualify", {}, "Choose one of the reasons."),
        ("burn", {}, "Select leads and choose an action."),
    ],
)
def test_action_without_its_value_changes_nothing(
    action: str, values: dict[str, str], shown: str, mia: User, client: Client
) -> None:
    lead = make_cold_lead()
    events = LeadEvent.objects.count()

    assert act(client, action, lead, **values) == [shown]
    assert LeadEvent.objects.count() == events


def test_reps_only_export_from_the_list(mia: User) -> None:
    make_handoff()

    assert page_at("/leads/", mia).values("#act button", "value") == ["export"]


CARD = {"why": "Asked twice.", "content_engaged": "", "messaging_received": ""}


def test_second_editor_of_a_card_is_told(mia: User, leo: User, client: Client) -> None:
    lead = make_handoff().lead
    address = f"/leads/{lead.pk}/card/"
    ada = signed_in_as(make_person(Role.MARKETER, "Ada"))
    (seen,) = page_at(f"/leads/{lead.pk}/", leo).values("[name=seen]")

    ada.post(address, {**CARD, "problem_indicated": "Ada's", "seen": seen})
    answer = client.post(address, {**CARD, "problem_indicated": "Leo's", "seen": seen})

    assert ContextCard.objects.get(lead=lead).problem_indicated == "Ada's"
    page = Page(answer)
    assert page.status == 422
    assert "Ada changed this card after you opened it" in page.html
    assert "Leo's" in page.text("[name=problem_indicated]")

    (seen,) = page.values("[name=seen]")
    client.post(address, {**CARD, "problem_indicated": "Leo's", "seen": seen})
    assert ContextCard.objects.get(lead=lead).problem_indicated == "Leo's"


def test_card_of_a_closed_lead_is_not_edited(mia: User, leo: User, client: Client) -> None:
    lead = make_cold_lead()
    disqualify(lead_id=lead.pk, reason_code="duplicate", by=leo, at=LATER)

    answer = client.post(f"/leads/{lead.pk}/card/", {**CARD, "problem_indicated": "New"})

    assert answer.status_code == 422
    assert ContextCard.objects.get(lead=lead).problem_indicated != "New"
    assert not page_at(f"/leads/{lead.pk}/", leo).has("[name=seen]")
