"""The page of returned leads: who, why, since when, what is missing, and the next step."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from core.pagination import Cursor
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reject import reject_handoff
from handoff.models import Handoff
from leads.models import Campaign, Lead
from people.models import User
from people.roles import Role
from tests.factories import make_handoff, make_lead, make_person, make_pool, make_rep
from tests.pages import Page, messages_of, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.plans import plans_of, pretend_large
from tests.statements import exactly_statements
from workspace.returned.page import PAGE_SIZE, load_returned

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
NOW = MONDAY_9AM + 52 * HOUR


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def mia() -> User:
    mia = make_rep("Mia Hoffmann")
    make_pool(mia)
    return mia


@pytest.fixture
def marketer(mia: User) -> User:
    return make_person(Role.MARKETER, "Leo Winter")


def returned(
    mia: User, *, hours: int = 1, missing: str = "contact.has_phone", **fields: Any
) -> Lead:
    handoff: Handoff = make_handoff(phone="", **fields)
    at = MONDAY_9AM + hours * HOUR
    mark_cannot_evaluate(handoff_id=handoff.pk, missing_fields=[missing], by=mia, at=at)
    return Lead.objects.get(pk=handoff.lead_id)


def rejected(mia: User) -> None:
    handoff, at = make_handoff(), MONDAY_9AM + HOUR
    reject_handoff(handoff_id=handoff.pk, reason_code="bad_data", note="Bounced", by=mia, at=at)


def page_of(reader: User, query: str = "") -> Page:
    return page_at(f"/returned/{query}", reader)


def cells(page: Page, label: str) -> list[str]:
    return page.texts(f'tbody td[data-label="{label}"]')


def test_row_says_who_why_since_when_and_what_is_missing(mia: User, marketer: User) -> None:
    lead = returned(mia, hours=4, name="Ann Gray")

    page = page_of(marketer)

    assert page.links("tbody th > a") == [f"/leads/{lead.pk}/"]
    assert page.texts(".returned-why") == ["Could not be evaluatedMia Hoffmann"]
    assert page.links(".returned-why a") == [f"/people/{mia.pk}/"]
    assert cells(page, "Missing") == ["Phone"]
    assert cells(page, "Waiting") == ["2\N{NO-BREAK SPACE}dsince Nov 2"]
    assert page.links(".returned-steps a") == [f"/leads/{lead.pk}/#complete"]


def test_rejection_shows_its_reason_and_note(mia: User, marketer: User) -> None:
    rejected(mia)

    page = page_of(marketer)

    assert page.texts(".returned-why span[dir]") == ["Bad data: “Bounced”"]


def test_longest_waiting_lead_is_first(mia: User, marketer: User) -> None:
    later = returned(mia, hours=6, name="Bo Lind")
    earlier = returned(mia, hours=2, name="Ann Gray")

    page = page_of(marketer)

    assert page.links("tbody th > a") == [f"/leads/{earlier.pk}/", f"/leads/{later.pk}/"]


def test_lead_that_cannot_be_reached_has_no_one_who_returned_it(mia: User, marketer: User) -> None:
    lead = make_lead(email="", phone="")

    page = page_of(marketer)

    if not page.all("tbody tr"):
        pytest.fail(f"{lead} is missing")
    assert page.texts(".returned-why") == ["Ready, but out of reach"]
    assert not page.has("tbody details")


def test_mine_are_the_leads_of_my_campaigns(mia: User, marketer: User) -> None:
    Campaign.objects.create(code="guide", name="Pricing guide", owner=marketer)
    mine = returned(mia, campaign="guide")
    returned(mia)

    every, own = page_of(marketer), page_of(marketer, "?mine=yes")

    assert every.texts(".segments a") == ["All (2)", "Mine (1)"]
    assert len(every.all("tbody tr")) == 2
    assert own.links("tbody th > a") == [f"/leads/{mine.pk}/"]
    assert page_of(make_person(Role.MARKETER), "?mine=yes").text(".empty strong") == (
        "None of your campaigns"
    )


def test_lead_is_sent_to_sales_from_its_row(mia: User, marketer: User) -> None:
    lead = returned(mia)
    typed = {"lead": lead.pk, "action": "send", "why": "Asked again", "next": "/returned/"}

    response = signed_in_as(marketer).post("/leads/act/", typed, follow=True)

    assert response.redirect_chain == [("/returned/", 302)]
    assert messages_of(response) == ["1 lead sent to sales."]
    assert Page(response).text(".empty strong") == "No returned leads"


def test_home_of_marketing_leads_to_the_page(mia: User, marketer: User) -> None:
    assert not page_at("/reports/sources/", marketer).has('main a[href="/returned/"]')
    returned(mia)

    for reader, shown in ((marketer, True), (mia, False), (make_person(Role.LEADER), False)):
        home = page_at("/reports/sources/", reader)
        assert home.has('main a[href="/returned/"]') is shown
    text = page_at("/reports/sources/", marketer).text('main a[href="/returned/"]')
    assert text == "1 returned lead waits for marketing"


def test_figure_of_the_home_equals_the_list(mia: User, marketer: User) -> None:
    for _ in range(3):
        returned(mia)

    text = page_at("/reports/sources/", marketer).text('main a[href="/returned/"]')

    assert text.split()[0] == str(len(page_of(marketer).all("tbody tr"))) == "3"


@pytest.mark.parametrize("leads", [1, 10])
def test_statements_do_not_grow_with_leads(leads: int, mia: User, marketer: User) -> None:
    for _ in range(leads):
        returned(mia)
        rejected(mia)
    client = signed_in_as(marketer)
    client.get("/returned/")

    # User, leads, their handoffs, count.
    with exactly_statements(4):
        client.get("/returned/")


def test_pages_lead_on_and_back(mia: User, marketer: User) -> None:
    leads = [returned(mia, hours=hours).pk for hours in range(1, PAGE_SIZE + 2)]
    links = [f"/leads/{pk}/" for pk in leads]

    first = page_of(marketer)
    second = page_of(marketer, *first.links("a[rel=next]"))

    assert first.links("tbody th > a") == links[:-1]
    assert second.links("tbody th > a") == links[-1:]
    assert page_of(marketer, *second.links("a[rel=prev]")).links("tbody th > a") == links[:-1]


def test_statements_read_indexes_of_few_rows(mia: User, marketer: User) -> None:
    returned(mia)
    pretend_large("leads_lead", "handoff_handoff", "leads_contact", "leads_company")
    cursor = Cursor(NOW.isoformat(), 1, before=True)

    *_, page, handoffs, count = plans_of(
        lambda: load_returned(marketer, cursor, only_mine=False, at=NOW)
    )

    assert "lead_kept_by_marketing" in page
    assert "Sort" not in page
    assert "handoff_by_lead" in handoffs
    assert "lead_kept_by_marketing" in count
