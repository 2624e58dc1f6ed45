"""The page of a contact: touches, leads, consent, duplicates, ids, corrections."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from core.unit_of_work import UnitOfWork
from handoff.answers.reject import reject_handoff
from handoff.models import Handoff, RejectionReason
from leads.corrections import correct
from leads.models import Contact, Lead
from people.models import User
from people.roles import Role
from tests.factories import make_handoff, make_lead, make_person, make_pool, make_rep, request_again
from tests.pages import Page, card, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _later() -> Iterator[None]:
    with time_machine.travel(MONDAY_9AM + 48 * HOUR, tick=False):
        yield


@pytest.fixture
def rep() -> User:
    rep = make_rep("Mia Hoffmann")
    make_pool(rep)
    return rep


def page_of(user: User, lead: Lead, query: str = "") -> Page:
    return page_at(f"/contacts/{lead.contact_id}/{query}", user)


def edit(contact: Contact, by: User, **values: object) -> None:
    work = UnitOfWork()
    correct(work, contact, values, by_id=by.pk, at=MONDAY_9AM + HOUR)
    work.write()


def test_page_has_leads_and_touches_of_all_of_them(rep: User) -> None:
    lead = make_handoff(name="Élodie Dubois", campaign="", offer="Pricing guide").lead
    request_again(lead, at=MONDAY_9AM + HOUR, kind="event_attended")

    page = page_of(rep, lead)

    assert page.text("h1") == "Élodie Dubois"
    assert page.links(f"{card('Leads')} th a") == [f"/leads/{lead.pk}/"]
    assert [
        text.split(" · ")[0] for text in page.texts(f"{card('Touches')} .touches li > span")
    ] == [
        "Event attendedWebsite",
        "Demo request",
    ]


def test_reader_without_a_lead_of_the_contact_is_refused(rep: User) -> None:
    lead = make_handoff().lead
    other = make_rep("Tom Brandt")

    assert signed_in_as(other).get(f"/contacts/{lead.contact_id}/").status_code == 404
    assert signed_in_as(rep).get("/contacts/999999999/").status_code == 404


def test_country_is_shown_by_its_name(rep: User) -> None:
    lead = make_handoff(country="SG").lead

    assert "Singapore" in page_of(rep, lead).texts(f"{card('About')} dd")


def test_touches_come_in_pages(rep: User) -> None:
    lead = make_handoff().lead
    for hours in range(1, 27):
        request_again(lead, at=MONDAY_9AM + hours * HOUR, kind="event_attended")

    first = page_of(rep, lead)
    (older,) = first.links(f"{card('Touches')} [rel=next]")
    second = page_of(rep, lead, older.partition("#")[0])

    assert len(first.all(".touches li")) == 25
    assert len(second.all(".touches li")) == 2
    assert second.has("[rel=prev]")


def test_bad_page_in_the_address_is_the_first(rep: User) -> None:
    lead = make_handoff().lead

    assert len(page_of(rep, lead, "?page=nonsense%00").all(".touches li")) == 1


def test_possible_duplicates_link_only_what_the_reader_may_open(rep: User) -> None:
    lead = make_handoff(phone="+49308823451", name="Ann Gray").lead
    twin = make_lead(phone="+49308823451", name="Anna Gray")
    other = make_rep("Tom Brandt")
    Lead.objects.filter(pk=twin.pk).update(owner=other)
    Handoff.objects.filter(lead=twin).update(owner=other)

    for reader, links in (
        (rep, []),
        (make_person(Role.MARKETER), [f"/contacts/{twin.contact_id}/"]),
    ):
        page = page_of(reader, lead)
        assert "Anna Gray" in page.text(f"{card('Possible duplicates')} li")
        assert page.links(f"{card('Possible duplicates')} a") == links


def test_corrections_say_who_changed_what(rep: User) -> None:
    lead = make_handoff(title="Analyst").lead
    marketer = make_person(Role.MARKETER, "Leo Winter")
    other = make_lead(company="Kestrel").company
    assert other is not None
    edit(lead.contact, marketer, title="Chief Operating Officer", company_id=other.pk)

    page = page_of(marketer, lead)

    changes = page.texts(".corrections p")
    assert changes[0] == "Title: Analyst → Chief Operating Officer"
    assert changes[1] == f"Company: {lead.company} → Kestrel"
    assert changes[2].startswith("Leo Winter · Nov 2")
    assert page.has(f'a[href="/admin/leads/contact/{lead.contact_id}/change/"]')
    assert not page_of(rep, lead).has('a[href^="/admin/"]')


def test_suppressed_contact_says_since_when_and_why(rep: User) -> None:
    handoff = make_handoff()
    reason = RejectionReason.objects.filter(route="suppress").first()
    assert reason is not None
    at = MONDAY_9AM + HOUR
    reject_handoff(handoff_id=handoff.pk, reason_code=reason.code, note="Student", by=rep, at=at)

    page = page_of(rep, handoff.lead)

    assert page.text(".message-warning") == (
        f"Suppressed since Nov 2, 2026 by Mia Hoffmann: {reason.label}: “Student”."
    )


def test_consent_is_shown_with_its_day(rep: User) -> None:
    lead = make_handoff(consent=True).lead

    page = page_of(rep, lead)

    assert page.facts(card("About"))["Consent"] == "Given Nov 2"
    assert "Not suppressed" in page.texts(".lead-marks .badge")


@pytest.mark.parametrize("touches", [1, 20])
def test_statements_do_not_grow_with_touches(touches: int, rep: User) -> None:
    lead = make_handoff().lead
    for hours in range(1, touches):
        request_again(lead, at=MONDAY_9AM + hours * HOUR, kind="event_attended")
    client = signed_in_as(rep)

    # User, contact, touches, leads, external ids, duplicates, corrections, earlier values.
    with exactly_statements(8):
        client.get(f"/contacts/{lead.contact_id}/")
