"""Actions on many leads: a preview that changes nothing, then each lead on its own."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from handoff.action_previews import preview_marketing_action
from handoff.marketing_actions import disqualify
from handoff.models import Handoff
from leads.models import Contact, Lead, LeadEvent
from people.models import Absence, Membership, User
from people.roles import Role
from tests.factories import make_handoff, make_lead, make_person, make_pool, make_rep
from tests.pages import Page, messages_of, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _later() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def manager() -> User:
    return make_person(Role.SALES_MANAGER, "Tom Berger")


@pytest.fixture
def mia() -> User:
    return make_rep("Mia")


@pytest.fixture
def jon() -> User:
    return make_rep("Jon")


@pytest.fixture
def client(manager: User, mia: User, jon: User) -> Client:
    make_pool(mia, jon, manager=manager)
    return signed_in_as(manager)


@pytest.fixture
def leo() -> User:
    return make_person(Role.MARKETER, "Leo Winter")


def make_cold_lead(**fields: Any) -> Lead:
    return make_lead(
        kind="site_visit", lead_type="low_intent", seniority="staff", title="", **fields
    )


def preview(client: Client, action: str, *leads: Lead, **values: object) -> Page:
    sent = {"action": action, "lead": [lead.pk for lead in leads], **values}
    response = client.post("/leads/act/preview/", sent)
    assert response.status_code == 200
    return Page(response)


def colleagues_of(page: Page) -> dict[str, list[str]]:
    """Return the open leads of each colleague, and how many they had before."""
    names = page.texts("tbody th")
    return {
        name.split("Has")[0]: page.texts(f"tbody tr:nth-child({number}) td.number")
        for number, name in enumerate(names, start=1)
    }


def test_preview_of_a_reassignment_shows_loads_and_changes_nothing(
    client: Client, mia: User, jon: User
) -> None:
    leads = [make_handoff().lead for _ in range(4)]
    Membership.objects.filter(user=jon).update(capacity=3)
    events = LeadEvent.objects.count()

    page = preview(client, "reassign", *leads)

    assert "4 selected. Nothing has changed yet." in page.text(".page-head")
    assert colleagues_of(page) == {
        "Jon": ["2 → 4 of 3 Over capacity", "0"],
        "Mia": ["2 → 4", "0"],
    }
    assert page.texts("button[name=to]") == ["Reassign 2 to Jon", "Reassign 2 to Mia"]
    assert LeadEvent.objects.count() == events


def test_lead_that_another_team_has_is_left_out_with_its_name(client: Client) -> None:
    other = make_pool(make_rep("Zoe"), manager=make_person(Role.SALES_MANAGER))
    theirs = make_handoff(name="Theirs").lead
    assert theirs.owner is not None
    assert other

    page = Page(
        client.post("/leads/act/preview/", {"action": "reassign", "lead": [theirs.pk]}, follow=True)
    )

    # A lead that the manager cannot see is not in the selection at all.
    assert page.texts(".messages .message") == ["Select leads and choose an action."]


def test_lead_with_marketing_is_left_out_with_its_name(client: Client, manager: User) -> None:
    manager.groups.add(*make_person(Role.MARKETER).groups.all())
    lead = make_handoff().lead

    page = preview(client, "reassign", lead, make_cold_lead(name="Cold Carl"))

    assert page.texts(".refusals li") == ["1: Sales does not have it.Cold Carl"]
    assert page.text("form h2") == "Choose who gets 1 lead"


def test_absent_colleague_cannot_be_chosen(client: Client, mia: User) -> None:
    lead = make_handoff().lead
    Absence.objects.create(user=mia, starts_at=MONDAY_9AM, ends_at=LATER + timedelta(days=2))

    page = preview(client, "reassign", lead)

    assert str(mia.pk) not in page.values("button[name=to]")
    assert "Away until" in page.text("main")


def test_form_sent_twice_reassigns_once(client: Client, mia: User, jon: User) -> None:
    leads = [make_handoff().lead for _ in range(2)]
    Handoff.objects.update(owner=mia)
    Lead.objects.update(owner=mia)
    page = preview(client, "reassign", *leads)
    sent = {
        "handoff": page.values("[name=handoff]"),
        "once": page.values("[name=once]")[0],
        "to": jon.pk,
        "next": "/leads/?stage=mql",
    }

    first = client.post("/team/reassign/", sent, follow=True)
    second = client.post("/team/reassign/", sent, follow=True)

    assert first.redirect_chain[-1][0] == "/leads/?stage=mql"
    assert messages_of(first) == ["2 leads reassigned to Jon. SLA timers restarted."]
    assert messages_of(second) == ["This form was sent twice. The second time did nothing."]
    assert Handoff.objects.open().filter(owner=jon).count() == 2
    assert Handoff.objects.count() == 4


def test_form_whose_action_failed_may_be_sent_again(
    leo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead, token = make_cold_lead(), str(uuid4())
    client = signed_in_as(leo)
    sent = {"action": "wake", "lead": lead.pk, "day": "2027-01-04", "once": token}
    with monkeypatch.context() as broken:
        broken.setattr("workspace.leads.actions.report", fail)
        with pytest.raises(OperationalError):
            client.post("/leads/act/", sent)

    response = client.post("/leads/act/", sent, follow=True)

    assert messages_of(response) == ["1 lead set to resurface."]


def fail(*_arguments: object) -> None:
    raise OperationalError


def test_refusals_name_the_leads(leo: User) -> None:
    make_pool(make_rep("Mia"))
    cold, offered = make_cold_lead(name="Cold"), make_handoff(name="Ann").lead
    client = signed_in_as(leo)

    shown = preview(client, "send", cold, offered)
    sent = {"action": "send", "lead": [cold.pk, offered.pk], "why": "Met them."}
    done = client.post("/leads/act/", sent, follow=True)

    assert shown.texts(".refusals li") == ["1: Sales already has this lead.Ann"]
    assert shown.values("form [name=lead]") == [str(cold.pk)]
    assert messages_of(done) == [
        "1 lead sent to sales.",
        "1 lead (Ann): Sales already has this lead.",
    ]


@pytest.mark.parametrize("action", ["send", "release", "wake", "disqualify"])
def test_preview_refuses_what_the_action_refuses(action: str, leo: User) -> None:
    make_pool(make_rep("Mia"))
    leads = [make_cold_lead(name=name) for name in ("Plain", "Suppressed", "Closed", "Mute")]
    leads.append(make_handoff(name="Offered").lead)
    contacts = Contact.objects.filter(leads__in=leads)
    contacts.filter(name="Suppressed").update(suppressed_at=LATER)
    contacts.filter(name="Mute").update(email=None, phone="")
    disqualify(lead_id=leads[2].pk, reason_code="duplicate", by=leo, at=LATER)
    values = {"why": "Met.", "day": "2027-03-01", "reason_code": "duplicate"}

    expected = preview_marketing_action(action, [lead.pk for lead in leads])
    sent = {"action": action, "lead": [lead.pk for lead in leads], **values}
    done = messages_of(signed_in_as(leo).post("/leads/act/", sent, follow=True))

    refused = [
        f"{len(names)} lead{'s' if len(names) > 1 else ''} ({', '.join(names)}): {text}"
        for text, names in expected.refusals.items()
    ]
    assert sorted(done[1 if expected.lead_ids else 0 :]) == sorted(refused)
    assert expected.refused == len(leads) - len(expected.lead_ids)


def test_all_that_match_are_selected_beyond_the_page(
    leo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads.saved_views.DEFAULT_SIZE", 1)
    for name in ("One", "Two"):
        make_cold_lead(name=name, source="referral")
    make_cold_lead(name="Three")
    client = signed_in_as(leo)

    listed = page_at("/leads/?source=referral", leo)
    page = preview(client, "wake", all="yes", query="source=referral")

    assert "Select all 2 that match" in listed.text("#act")
    assert "2 selected." in page.text(".page-head")
    assert len(page.values("form [name=lead]")) == 2


def test_preview_of_more_than_one_action_takes_says_what_to_do(
    leo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workspace.leads.selection.MAX_LEADS", 2)
    for name in ("One", "Two", "Three"):
        make_cold_lead(name=name, source="referral")

    page = preview(signed_in_as(leo), "wake", all="yes", query="source=referral")

    assert page.text(".page-head p") == (
        "3 selected. Nothing has changed yet. 2 of them are included. Repeat the action for the "
        "others, or narrow the filters if these still match."
    )
    assert len(page.values("form [name=lead]")) == 2


def test_selected_leads_are_exported(leo: User) -> None:
    ann, _ = make_lead(name="Ann"), make_lead(name="Ben")

    sent = {"action": "export", "lead": [ann.pk], "query": "sort=name"}
    response: Any = signed_in_as(leo).post("/leads/act/preview/", sent)

    rows = csv.DictReader(StringIO(response.getvalue().decode("utf-8-sig")))
    assert [row["contact"] for row in rows] == ["Ann"]


@pytest.mark.parametrize(
    ("role", "codes"),
    [
        (Role.REP, ["export"]),
        (Role.SALES_MANAGER, ["reassign", "export"]),
        (Role.MARKETER, ["send", "wake", "disqualify", "export"]),
        (Role.HANDOFF_OWNER, ["send", "wake", "disqualify", "export"]),
        (Role.OPERATIONS, ["export"]),
        (Role.LEADER, ["export"]),
    ],
)
def test_each_role_is_offered_the_actions_of_its_rights(role: Role, codes: list[str]) -> None:
    person = make_person(role)
    make_pool(person, manager=person)
    lead = make_handoff().lead

    assert page_at("/leads/", person).values("#act button[name=action]") == codes
    for code in ("reassign", "send", "release", "wake", "disqualify"):
        sent = {"action": code, "lead": [lead.pk]}
        status = signed_in_as(person).post("/leads/act/preview/", sent).status_code
        may = code in codes or (code == "release" and "send" in codes)
        assert status == (200 if may else 403)


@pytest.mark.parametrize(("action", "statements"), [("reassign", 9), ("wake", 3)])
@pytest.mark.parametrize("number", [1, 30])
def test_preview_statements_do_not_grow_with_the_leads(
    number: int, action: str, statements: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    boss = make_person(Role.SALES_MANAGER)
    boss.groups.add(*make_person(Role.MARKETER).groups.all())
    make_pool(make_rep("Mia"), manager=boss)
    leads = [make_handoff().lead.pk for _ in range(number)]
    client = signed_in_as(boss)

    with django_assert_num_queries(statements):
        client.post("/leads/act/preview/", {"action": action, "lead": leads})
