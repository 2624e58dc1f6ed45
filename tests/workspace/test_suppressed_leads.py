"""Pages of leads whose contacts are suppressed: what they say, and how they are released."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from handoff.answers.reject import reject_handoff
from handoff.models import Handoff
from leads.models import Contact, Lead
from people.models import User
from people.roles import Role
from tests.factories import make_handoff, make_lead, make_person, make_pool, make_rep, owner_of
from tests.pages import messages_of, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

ASKED = MONDAY_9AM + timedelta(days=7)
LATER = ASKED + timedelta(minutes=5)
REASON = (
    "Suppressed since Nov 2, 2026 by Mia Hoffmann: Outside our customer profile: “A hair salon.”"
)


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
def asking(mia: User) -> Lead:
    handoff = make_handoff()
    reject_handoff(
        handoff_id=handoff.pk,
        reason_code="not_icp",
        note="A hair salon.",
        by=owner_of(handoff),
        at=MONDAY_9AM,
    )
    return make_lead(at=ASKED, email=handoff.lead.contact.email)


def send(user: User, *leads: Lead, **values: object) -> list[str]:
    ids = [lead.pk for lead in leads]
    sent = {"action": "release", "lead": ids, "next": f"/leads/{ids[0]}/", **values}
    return messages_of(signed_in_as(user).post("/leads/act/", sent, follow=True))


def test_lead_page_says_why_and_offers_the_release(asking: Lead, leo: User) -> None:
    page = page_at(f"/leads/{asking.pk}/", leo)

    assert "Marketing decides whether to release the contact, who is suppressed." in page.text()
    assert REASON in page.text("#marketing")
    assert page.has("button[value=release]")
    assert not page.has("button[value=send]")
    assert "MQL with" not in page.text()


def test_other_roles_read_the_state_and_cannot_release(asking: Lead, mia: User) -> None:
    leader = make_person(Role.LEADER)
    page = page_at(f"/leads/{asking.pk}/", leader)

    assert "Marketing decides whether to release the contact" in page.text()
    assert not page.has("button[value=release]")
    for user in (leader, mia):
        response = signed_in_as(user).post(
            "/leads/act/", {"action": "release", "lead": asking.pk, "why": "Met."}
        )
        assert response.status_code == 403
    assert Contact.objects.get(pk=asking.contact_id).suppressed_at is not None


def test_no_stage_says_what_will_not_happen(asking: Lead, leo: User) -> None:
    for fields in (
        {"stage": "engaged", "wake_on": ASKED.date() + timedelta(days=9)},
        {"stage": "nurture", "returned_at": ASKED, "wake_on": None},
        {"stage": "new", "lead_type": None},
    ):
        Lead.objects.filter(pk=asking.pk).update(**fields)
        step = page_at(f"/leads/{asking.pk}/", leo).text(".lead-next")
        assert "until" not in step
        assert "reaches" not in step
        assert "suppressed" in step


def test_release_from_the_lead_page_in_one_click(asking: Lead, mia: User, leo: User) -> None:
    assert send(leo, asking, why="They have vans.") == ["1 lead released and sent to sales."]

    assert Handoff.objects.open().get(lead=asking).owner == mia
    page = page_at(f"/leads/{asking.pk}/", leo)
    assert "Contact released" in page.text()
    assert not any("Suppressed" in facts for facts in page.texts(".facts"))
    assert "They have vans." in page.text()


def test_second_tab_is_told_that_sales_has_it(asking: Lead, leo: User) -> None:
    send(leo, asking, why="They have vans.")

    assert send(leo, asking, why="They have vans.") == ["Sales already has this lead."]


def test_release_needs_a_note(asking: Lead, leo: User) -> None:
    assert send(leo, asking) == ["Enter why the contact is released."]


def test_list_shows_who_asks_with_the_reason_and_releases_them(
    asking: Lead, mia: User, leo: User
) -> None:
    other = make_lead(kind="site_visit", lead_type="low_intent", seniority="staff", title="")
    link = page_at("/leads/", leo)
    assert link.has('a[href="/leads/?suppressed=asking"]')

    page = page_at("/leads/?suppressed=asking", leo)

    assert [node.attributes["value"] for node in page.all("input[name=lead]")] == [str(asking.pk)]
    assert REASON in page.text("tbody")
    assert page.has("button[value=release]")
    assert not page.has("button[value=send]")
    answers = send(leo, asking, other, why="Fair.", next="/leads/")
    assert answers == [
        "1 lead released and sent to sales.",
        f"1 lead ({other.contact}): The contact of this lead is not suppressed.",
    ]


def test_list_without_suppressed_contacts_sends_leads_to_sales(asking: Lead, leo: User) -> None:
    make_lead(kind="site_visit", lead_type="low_intent", seniority="staff", title="")

    page = page_at("/leads/?suppressed=no", leo)

    assert page.has("button[value=send]")
    assert not page.has("button[value=release]")
    assert page.has('a[href="/leads/?suppressed=asking"]')


def test_completing_data_does_not_announce_an_offer(asking: Lead, leo: User) -> None:
    page = page_at(f"/leads/{asking.pk}/", leo)
    assert not page.has("#complete")

    client = signed_in_as(leo)
    response = client.post(
        f"/leads/{asking.pk}/complete/", {"lead-product_interest": "Routing"}, follow=True
    )

    assert messages_of(response) == [
        "Saved. The contact is suppressed, so sales does not get the lead."
    ]


def test_release_that_consent_forbids_is_not_offered(asking: Lead, leo: User) -> None:
    Contact.objects.filter(pk=asking.contact_id).update(consent=False)

    page = page_at(f"/leads/{asking.pk}/", leo)

    assert "The contact withdrew consent, so sales may not contact them." in page.text("#marketing")
    assert not page.has("button[value=release]")
    assert "release" not in page.text(".lead-next")
    assert send(leo, asking, why="They have vans.")[0].startswith("The contact withdrew consent")
