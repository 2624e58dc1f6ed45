"""A suppressed contact who asks for sales is shown to marketing and can be released."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.invariants import Violation
from handoff.answers.reject import reject_handoff
from handoff.invariants import CHECKS
from handoff.lead_filters import LeadFilter, read_filter_choices
from handoff.marketing_actions import (
    ConsentWithdrawn,
    ContactSuppressed,
    NotSuppressed,
    NotWithMarketing,
    WhyRequired,
    disqualify,
    release,
    send_to_sales,
)
from handoff.models import Handoff
from handoff.notice_topics import suppressed_request_topics
from handoff.suppressed_requests import notify_of_suppressed_requests
from handoff.suppression import suppression_of, suppression_texts
from leads.models import Campaign, Contact, Correction, EventKind, Lead, LeadEvent
from people.models import Membership, Notice, Team, User
from people.roles import Role
from tests.factories import make_handoff, make_lead, make_person, make_pool, make_rep, owner_of
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ASKED = MONDAY_9AM + 7 * DAY
LATER = ASKED + timedelta(hours=1)
NOT_ICP = "Outside our customer profile"


@pytest.fixture
def mia() -> User:
    mia = make_rep("Mia Hoffmann")
    make_pool(mia)
    return mia


@pytest.fixture
def leo() -> User:
    leo = make_person(Role.MARKETER, "Leo Winter")
    Membership.objects.create(team=Team.objects.get(name="Marketing"), user=leo)
    return leo


def ask_again(contact: Contact, **fields: Any) -> Lead:
    return make_lead(at=ASKED, **{"email": contact.email, "phone": contact.phone, **fields})


@pytest.fixture
def asking(mia: User) -> Lead:
    """Return the new lead of a contact whom a rep suppressed a week before."""
    handoff = make_handoff()
    reject_handoff(
        handoff_id=handoff.pk,
        reason_code="not_icp",
        note="A hair salon.",
        by=owner_of(handoff),
        at=MONDAY_9AM + DAY,
    )
    return ask_again(handoff.lead.contact)


def listed(value: str, leo: User) -> list[int]:
    leads = LeadFilter(
        {"suppressed": value}, Lead.objects.all(), user=leo, choices=read_filter_choices()
    )
    return sorted(leads.qs.values_list("pk", flat=True))


def test_demo_request_stays_with_marketing_and_is_listed_with_its_reason(
    asking: Lead, mia: User, leo: User
) -> None:
    quiet = make_lead(kind="content_download", lead_type="download", title="", seniority="")
    Contact.objects.filter(pk=quiet.contact_id).update(suppressed_at=MONDAY_9AM)

    assert not Handoff.objects.open().exists()
    assert listed("asking", leo) == [asking.pk]
    assert set(listed("yes", leo)) == {*Lead.objects.values_list("pk", flat=True)}
    text = f"Suppressed since Nov 3, 2026 by Mia Hoffmann: {NOT_ICP}: “A hair salon.”"
    assert str(suppression_of(asking)) == text
    assert suppression_texts([asking.pk, quiet.pk]) == {
        asking.pk: text,
        quiet.pk: "Suppressed since Nov 2, 2026",
    }


def test_suppression_by_marketing_names_its_reason(mia: User, leo: User) -> None:
    cold = make_lead(kind="site_visit", lead_type="low_intent", seniority="staff", title="")
    disqualify(lead_id=cold.pk, reason_code="not_icp", by=leo, at=MONDAY_9AM + DAY)

    asking = ask_again(cold.contact)

    assert str(suppression_of(asking)) == f"Suppressed since Nov 3, 2026 by Leo Winter: {NOT_ICP}"


def test_marketing_is_notified_once_of_each_lead(asking: Lead, leo: User) -> None:
    notify_of_suppressed_requests(at=LATER)
    ask_again(asking.contact)
    notify_of_suppressed_requests(at=LATER + DAY)

    notice = Notice.objects.get(kind="suppressed_request")
    assert (notice.recipient, notice.path) == (leo, asking.get_absolute_url())
    topic = suppressed_request_topics([notice], MONDAY_9AM)[notice.pk]
    assert topic.is_current
    assert topic.detail.endswith(f"{NOT_ICP}: “A hair salon.”")


def test_owner_of_the_campaign_is_notified_instead(asking: Lead, leo: User) -> None:
    owner = make_person(Role.MARKETER, "Ann Kern")
    campaign = Campaign.objects.create(code="spring", name="Spring", owner=owner)
    Lead.objects.filter(pk=asking.pk).update(campaign=campaign)

    notify_of_suppressed_requests(at=LATER)

    assert [notice.recipient for notice in Notice.objects.filter(kind="suppressed_request")] == [
        owner
    ]


def test_lead_is_released_and_offered_as_an_exception(asking: Lead, mia: User, leo: User) -> None:
    notify_of_suppressed_requests(at=LATER)
    since = Contact.objects.get(pk=asking.contact_id).suppressed_at
    assert since is not None

    handoff_id = release(lead_id=asking.pk, why="They have twelve vans now.", by=leo, at=LATER)

    handoff = Handoff.objects.get(pk=handoff_id)
    assert (handoff.owner, handoff.state, handoff.lead.stage) == (mia, "offered", "mql")
    assert handoff.lead.contact.suppressed_at is None
    assert handoff.decision is not None
    assert handoff.decision.because.startswith(
        "Released from suppression by Leo Winter as an exception: “They have twelve vans now.” "
    )
    event = LeadEvent.objects.get(kind=EventKind.RELEASED)
    assert (event.actor, event.payload) == (leo, {"since": since.isoformat()})
    correction = Correction.objects.get(contact=asking.contact_id)
    assert (correction.by, correction.changes) == (
        leo,
        {"suppressed_at": [since.isoformat(), None]},
    )
    notice = Notice.objects.get(kind="suppressed_request")
    assert not suppressed_request_topics([notice], MONDAY_9AM)[notice.pk].is_current
    assert listed("asking", leo) == []


def test_refused_releases_change_nothing(asking: Lead, leo: User) -> None:
    free = make_lead(kind="site_visit", lead_type="low_intent", seniority="staff", title="")

    with pytest.raises(WhyRequired):
        release(lead_id=asking.pk, why=" ", by=leo, at=LATER)
    with pytest.raises(NotSuppressed):
        release(lead_id=free.pk, why="Met them.", by=leo, at=LATER)
    with pytest.raises(ContactSuppressed, match="Release it"):
        send_to_sales(lead_id=asking.pk, why="Met them.", by=leo, at=LATER)
    assert not LeadEvent.objects.filter(kind=EventKind.RELEASED).exists()


def test_second_release_is_refused(asking: Lead, leo: User) -> None:
    release(lead_id=asking.pk, why="They grew.", by=leo, at=LATER)

    with pytest.raises(NotWithMarketing):
        release(lead_id=asking.pk, why="They grew.", by=leo, at=LATER)
    assert LeadEvent.objects.filter(kind=EventKind.RELEASED).count() == 1


def test_contact_who_withdrew_consent_is_not_released(mia: User, leo: User) -> None:
    handoff = make_handoff()
    reject_handoff(
        handoff_id=handoff.pk, reason_code="not_icp", by=owner_of(handoff), at=MONDAY_9AM + DAY
    )
    asking = ask_again(handoff.lead.contact, consent=False)

    with pytest.raises(ConsentWithdrawn, match="withdrew consent on Nov 9, 2026"):
        release(lead_id=asking.pk, why="They grew.", by=leo, at=LATER)

    assert Contact.objects.get(pk=asking.contact_id).suppressed_at is not None
    assert not LeadEvent.objects.filter(kind=EventKind.RELEASED).exists()


def test_released_contact_can_be_suppressed_and_released_again(
    asking: Lead, mia: User, leo: User
) -> None:
    handoff_id = release(lead_id=asking.pk, why="They grew.", by=leo, at=LATER)
    reject_handoff(handoff_id=handoff_id, reason_code="not_icp", by=mia, at=LATER + DAY)
    again = make_lead(at=LATER + 2 * DAY, email=asking.contact.email)

    assert str(suppression_of(again)) == f"Suppressed since Nov 10, 2026 by Mia Hoffmann: {NOT_ICP}"
    release(lead_id=again.pk, why="They insist.", by=leo, at=LATER + 3 * DAY)
    assert Handoff.objects.open().get().lead == again


def violations() -> dict[str, list[Violation]]:
    checked = {name: list(check(LATER)) for name, check in CHECKS.items()}
    return {name: rows for name, rows in checked.items() if rows}


def test_request_of_which_marketing_was_not_notified_violates_an_invariant(
    asking: Lead, leo: User
) -> None:
    [(name, [violation])] = violations().items()
    assert name == "marketing was notified of every suppressed contact who asks"
    assert violation.subject == f"lead {asking.pk}"

    notify_of_suppressed_requests(at=LATER)
    assert violations() == {}


def test_offer_of_a_suppressed_contact_violates_an_invariant(mia: User) -> None:
    handoff = make_handoff()
    Contact.objects.filter(pk=handoff.lead.contact_id).update(suppressed_at=MONDAY_9AM - DAY)

    [violation] = violations()["no suppressed contact is offered"]

    assert violation.subject == f"handoff {handoff.pk}"
