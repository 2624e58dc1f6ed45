"""Values that were set aside are listed, repaired with history, or dismissed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from core.retries import with_retries
from core.unit_of_work import UnitOfWork
from handoff.history import entered
from handoff.models import Handoff
from handoff.pipeline import receive_many
from intake import repairs
from intake.normalize import Vocabulary, normalize
from leads.configuration import configuration
from leads.corrections import correct
from leads.models import (
    Campaign,
    Company,
    Contact,
    Correction,
    EventKind,
    Lead,
    LeadEvent,
    Repair,
    Touch,
)
from leads.stages import Stage
from people.roles import Role
from reporting.models import LeadMilestones
from reporting.rollups.refresh import follow_log
from tests.factories import make_person, make_pool, make_rep
from tests.pages import Page, messages_of, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.statements import exactly_statements
from workspace.repair_links import address_of

pytestmark = pytest.mark.django_db

LIST = "/data-quality/"
HOUR = timedelta(hours=1)
WRONG = "x" * 300
DEMO: dict[str, object] = {"kind": "demo_request", "name": "Ann", "country": "DE"}


@pytest.fixture
def marketer() -> Client:
    return signed_in_as(make_person(Role.MARKETER, "Mara"))


def send(
    *emails: str, historical: bool = False, at: datetime = MONDAY_9AM, **fields: object
) -> list[Lead]:
    """Receive one touch for each address, with values that may be wrong."""
    vocabulary = Vocabulary.of(configuration.now())
    bodies = [{**DEMO, "email": email, **fields} for email in emails]
    touches = [normalize(body, vocabulary, at=at) for body in bodies]
    past = [entered(Stage.ENGAGED)] * len(touches) if historical else None
    receipts = receive_many(touches, at=at, via="api", histories=past)
    return [Lead.objects.get(pk=receipt.lead_id) for receipt in receipts]


def listed(client: Client, query: str = "") -> list[list[str]]:
    page = Page(client.get(LIST + query))
    return [
        [value, field, count]
        for value, field, count in zip(
            page.texts("tbody th"),
            page.texts("tbody td[data-label=Field]"),
            page.texts("tbody td[data-label=Touches]"),
            strict=True,
        )
    ]


def post(client: Client, field: str, value: str, *, touch: Any = None, **sent: str) -> list[str]:
    address = address_of(field, value, touch.pk if touch else None)
    return messages_of(client.post(address, sent, follow=True))


def test_values_are_grouped_by_field_and_value(marketer: Client) -> None:
    ann, bo = send("ann@a.example", "bo@b.example", campaign="Sprng", phone="n/a")
    send("cem@c.example", campaign="Sprng", kidney="x")

    assert listed(marketer) == [
        ["Sprng", "Campaign", "3"],
        ["n/a", "Phone", "2"],
        ["x", "Kidney", "1"],
    ]
    page = Page(marketer.get(address_of("phone", "n/a")))
    assert page.texts("h1") == ["Phone “n/a”"]
    assert page.links("tbody th > a") == [f"/leads/{lead.pk}/" for lead in (bo, ann)]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["b", "c", "A"]),
        ("value", ["A", "b", "c"]),
        ("-value", ["c", "b", "A"]),
        ("field", ["c", "A", "b"]),
        ("-field", ["b", "c", "A"]),
        ("touches", ["A", "c", "b"]),
        ("latest", ["b", "c", "A"]),
        ("-latest", ["A", "c", "b"]),
        ("nonsense", ["b", "c", "A"]),
    ],
)
def test_values_are_sorted_by_each_column(sort: str, expected: list[str], marketer: Client) -> None:
    send("a@a.example", "b@a.example", "c@a.example", phone="b")
    send("d@a.example", "e@a.example", campaign="c", at=MONDAY_9AM + HOUR)
    send("f@a.example", campaign="A", at=MONDAY_9AM + 2 * HOUR)

    assert [row[0] for row in listed(marketer, f"?sort={sort}")] == expected


def test_heads_of_values_sort(marketer: Client) -> None:
    send("a@a.example", phone="b")

    first, second = (Page(marketer.get(LIST + query)) for query in ("", "?sort=latest"))

    assert first.texts("th[aria-sort=descending]") == ["Touches"]
    assert first.links("thead a") == [
        f"?sort={order}" for order in ("value", "field", "touches", "-latest")
    ]
    assert second.texts("th[aria-sort=ascending]") == ["Latest"]
    assert second.links("thead .number a") == [LIST]


def test_empty_list_says_what_it_is_for(marketer: Client) -> None:
    page = Page(marketer.get(LIST))

    assert "Values that the API or an import could not use will appear here" in page.text("main")


def test_campaign_is_mapped_for_all_touches_at_once(marketer: Client) -> None:
    campaign = Campaign.objects.create(code="spring", name="Spring")
    leads = send("ann@a.example", "bo@b.example", campaign="Sprng")
    follow_log(at=MONDAY_9AM + HOUR)

    answer = post(marketer, "campaign", "Sprng", action="repair", entered="spring")

    assert answer == ["Saved for 2 touches."]
    assert set(Lead.objects.values_list("campaign", flat=True)) == {campaign.pk}
    assert listed(marketer) == []
    assert [row.by.name for row in Repair.objects.select_related("by")] == ["Mara", "Mara"]
    assert LeadEvent.objects.filter(kind=EventKind.REPAIRED).count() == 2
    page = Page(marketer.get(f"/leads/{leads[0].pk}/"))
    assert "Value repaired" in page.text("main")
    assert "Set aside" not in page.text("main")
    follow_log(at=MONDAY_9AM + 2 * HOUR)
    assert set(LeadMilestones.objects.values_list("campaign_id", flat=True)) == {campaign.pk}


def not_needed(reasons: str, count: str = "1 value was") -> str:
    return f"{count} not needed and left the list. {reasons}"


def test_a_later_touch_does_not_change_where_the_lead_came_from(marketer: Client) -> None:
    Campaign.objects.create(code="spring", name="Spring")
    [lead] = send("ann@a.example")
    send("ann@a.example", campaign="Sprng", kind="content_download")

    answer = post(marketer, "campaign", "Sprng", action="repair", entered="spring")

    reason = "Only its first touch says where a lead came from."
    assert answer == [not_needed(f"Lead {lead.pk}: {reason}")]
    assert Lead.objects.get().campaign is None
    assert listed(marketer) == []
    assert (Repair.objects.get().entered, Repair.objects.get().note) == ("", reason)
    assert not LeadEvent.objects.filter(kind=EventKind.REPAIRED).exists()


def test_value_that_the_lead_has_otherwise_is_dismissed_with_the_reason(marketer: Client) -> None:
    [lead] = send("ann@a.example", timing=WRONG)
    wrong = lead.touches.get().set_aside[0]["value"]
    Lead.objects.update(timing="this_month")

    answer = post(marketer, "timing", wrong, action="repair", entered="this_quarter")

    reason = "The lead has another timing, which stays."
    assert answer == [not_needed(f"Lead {lead.pk}: {reason}")]
    assert (Lead.objects.get().timing, Repair.objects.get().note) == ("this_month", reason)


def test_lead_type_of_the_kind_gives_way_to_a_repaired_one(marketer: Client) -> None:
    [lead] = send("ann@a.example", lead_type="dmeo")
    kinds = configuration.now().types_by_kind
    assert lead.lead_type == kinds["demo_request"]

    answer = post(marketer, "lead_type", "dmeo", action="repair", entered="consultation")

    lead.refresh_from_db()
    assert (answer, lead.lead_type and lead.lead_type.code) == (
        ["Saved for 1 touch."],
        "consultation",
    )
    repaired = LeadEvent.objects.get(kind=EventKind.REPAIRED)
    assert repaired.payload["lead_type"] == lead.lead_type_id


def test_stated_or_repaired_lead_type_stays(marketer: Client) -> None:
    [lead] = send("ann@a.example", lead_type="demo")
    [other] = send("bo@b.example", lead_type="dmeo")
    send("ann@a.example", lead_type="consltation", kind="content_download")
    post(marketer, "lead_type", "dmeo", action="repair", entered="demo")
    send("bo@b.example", lead_type="consltation", kind="content_download")

    answer = post(marketer, "lead_type", "consltation", action="repair", entered="consultation")

    reason = "The lead has another lead type, which stays."
    reasons = [f"Lead {row.pk}: {reason}" for row in (lead, other)]
    assert answer == [not_needed(" ".join(reasons), "2 values were")]
    assert set(Lead.objects.values_list("lead_type__code", flat=True)) == {"demo"}


def test_phone_is_repaired_for_one_contact_with_history(marketer: Client) -> None:
    ann, bo = send("ann@a.example", "bo@b.example", phone="n/a")
    touch = ann.touches.get()

    refused = post(marketer, "phone", "n/a", action="repair", entered="030 901820")
    wrong = post(marketer, "phone", "n/a", touch=touch, action="repair", entered="12")
    answer = post(marketer, "phone", "n/a", touch=touch, action="repair", entered="030 901820")

    assert refused == ["This value differs from contact to contact. Repair each lead by itself."]
    assert wrong == [f"Lead {ann.pk}: “12” is not a phone number of its country."]
    assert answer == ["Saved for 1 touch."]
    assert dict(Contact.objects.values_list("email", "phone")) == {
        "ann@a.example": "+4930901820",
        "bo@b.example": None,
    }
    assert Correction.objects.get().changes["phone"] == [None, "+4930901820"]
    assert listed(marketer) == [["n/a", "Phone", "1"]]


def test_consent_is_repaired_for_one_contact_only(marketer: Client) -> None:
    ann, _ = send("ann@a.example", "bo@b.example", consent="maybe")
    ask = {"action": "repair", "entered": "yes"}

    refused = post(marketer, "consent", "maybe", **ask)
    answer = post(marketer, "consent", "maybe", touch=ann.touches.get(), **ask)

    assert refused == ["This value differs from contact to contact. Repair each lead by itself."]
    assert answer == ["Saved for 1 touch."]
    assert [lead.contact.consent for lead in Lead.objects.order_by("pk")] == [True, None]


def test_value_is_dismissed_with_a_note_only(marketer: Client) -> None:
    send("ann@a.example", "bo@b.example", kidney="x")

    assert post(marketer, "kidney", "x", action="dismiss") == ["Enter why the value is not needed."]
    assert post(marketer, "kidney", "x", action="repair", entered="y") == [
        "This field cannot be repaired. Dismiss the value with a note."
    ]
    assert post(marketer, "kidney", "x", action="dismiss", note="Not ours.") == [
        "Saved for 2 touches."
    ]
    assert (listed(marketer), Repair.objects.values_list("note").distinct().get()) == (
        [],
        ("Not ours.",),
    )
    assert Contact.objects.filter(pk__in=Correction.objects.values("contact")).count() == 0


def test_company_size_makes_the_lead_ready(marketer: Client) -> None:
    make_pool(make_rep())
    fields: dict[str, Any] = {"title": "Director of Operations", "industry": "Software"}
    fields["company"] = "A"
    [lead] = send("ann@a.example", kind="content_download", employees="many", **fields)
    assert not Handoff.objects.exists()
    before = lead.score

    post(marketer, "employees", "many", action="repair", entered="250")

    lead.refresh_from_db()
    assert lead.company is not None
    assert (lead.company.employees, lead.score > before) == (250, True)


def test_closed_lead_is_repaired_without_being_offered(marketer: Client) -> None:
    make_pool(make_rep())
    [lead] = send("ann@a.example", historical=True, company="A", company_country="Ruritania")
    Lead.objects.update(stage="lost", closed_at=MONDAY_9AM, is_historical=False)

    answer = post(marketer, "company_country", "Ruritania", action="repair", entered="Germany")

    lead.refresh_from_db()
    assert lead.company is not None
    assert (answer, lead.company.country) == (["Saved for 1 touch."], "DE")
    assert (lead.stage, Handoff.objects.count()) == ("lost", 0)


def test_value_that_is_refused_for_one_lead_stays_with_its_reason(marketer: Client) -> None:
    without = send("ann@gmail.com", industry="x" * 300)[0]
    send("bo@b.example", company="B", industry="x" * 300)
    value = without.touches.get().set_aside[0]["value"]

    answer = post(marketer, "industry", value, action="repair", entered="Software")

    assert answer == [
        "Saved for 1 touch. 1 touch left.",
        f"Lead {without.pk}: Enter the name of the company.",
    ]
    assert [count for _, _, count in listed(marketer)] == ["1"]


def test_value_that_another_person_dismissed_meanwhile_is_skipped(
    marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Campaign.objects.create(code="spring", name="Spring")
    ann, _ = send("ann@a.example", "bo@b.example", campaign="Sprng")
    other, run = make_person(Role.MARKETER), with_retries

    def run_after_another(work: Any) -> Any:
        monkeypatch.setattr(repairs, "with_retries", run)
        touch_id = ann.touches.get().pk
        which: dict[str, Any] = {"field": "campaign", "value": "Sprng", "touch_id": touch_id}
        repairs.dismiss_values(**which, note="A test.", by=other, at=MONDAY_9AM)
        return run(work)

    monkeypatch.setattr(repairs, "with_retries", run_after_another)

    answer = post(marketer, "campaign", "Sprng", action="repair", entered="spring")

    assert answer == ["Saved for 1 touch."]
    assert sorted(Repair.objects.values_list("entered", flat=True)) == ["", "spring"]
    ann.refresh_from_db()
    assert ann.campaign is None


@pytest.mark.parametrize(
    ("field", "entered", "column", "newer"),
    [
        ("title", "Director", "title", "CEO"),
        ("persona", "champion", "persona", "user"),
        ("phone", "030 901820", "phone", "+4930227190"),
    ],
)
def test_later_value_of_a_contact_stays(
    marketer: Client, field: str, entered: str, column: str, newer: str
) -> None:
    wrong_value: dict[str, Any] = {field: WRONG}
    right_value: dict[str, Any] = {field: newer}
    [lead] = send("ann@a.example", **wrong_value)
    touch = lead.touches.get()
    wrong = touch.set_aside[0]["value"]
    send("ann@a.example", at=MONDAY_9AM + HOUR, **right_value)

    answer = post(marketer, field, wrong, touch=touch, action="repair", entered=entered)

    reason = f"The contact has a later or edited value for “{field}”, which stays."
    assert answer == [not_needed(f"Lead {lead.pk}: {reason}")]
    assert (getattr(Contact.objects.get(), column), Repair.objects.get().note) == (newer, reason)


def test_edited_value_of_a_company_stays(marketer: Client) -> None:
    [lead] = send("ann@a.example", company="A", employees="many")
    assert lead.company is not None
    work = UnitOfWork()
    correct(work, lead.company, {"employees": 12}, by_id=make_rep().pk, at=MONDAY_9AM)
    work.write()

    answer = post(marketer, "employees", "many", action="repair", entered="250")

    reason = "The company has a later or edited value for “employees”, which stays."
    assert answer == [not_needed(f"Lead {lead.pk}: {reason}")]
    assert Company.objects.get().employees == 12


def test_edited_seniority_stays_when_the_title_is_repaired(marketer: Client) -> None:
    [lead] = send("ann@a.example", title=WRONG)
    wrong = lead.touches.get().set_aside[0]["value"]
    work = UnitOfWork()
    correct(work, lead.contact, {"seniority": "cxo"}, by_id=make_rep().pk, at=MONDAY_9AM)
    work.write()

    post(marketer, "title", wrong, action="repair", entered="Director")

    assert Contact.objects.values_list("title", "seniority").get() == ("Director", "cxo")


def test_value_that_a_contact_has_already_needs_no_precedence(marketer: Client) -> None:
    send("ann@a.example", title=WRONG)
    send("ann@a.example", title=WRONG, kind="content_download")
    wrong = Touch.objects.latest("pk").set_aside[0]["value"]

    answer = post(marketer, "title", wrong, action="repair", entered="Director")

    assert answer == ["Saved for 2 touches."]


def test_form_that_is_sent_twice_says_so(marketer: Client) -> None:
    send("ann@a.example", kidney="x")
    post(marketer, "kidney", "x", action="dismiss", note="Not ours.")

    again = post(marketer, "kidney", "x", action="dismiss", note="Not ours.")

    assert again == ["This value was repaired or dismissed before. Nothing was changed."]
    assert Repair.objects.count() == 1


def test_list_has_pages(marketer: Client) -> None:
    for number in range(22):
        send(f"p{number}@a.example", kidney=f"{number:02}")

    assert len(listed(marketer)) == 20
    assert [value for value, _, _ in listed(marketer, "?page=2")] == ["20", "21"]
    assert listed(marketer, "?page=3") == []


@pytest.mark.parametrize("number", [1, 12])
def test_statements_do_not_grow_with_the_rows(number: int, marketer: Client) -> None:
    send(*(f"p{place}@a.example" for place in range(number)), phone="n/a", campaign="Sprng")
    marketer.get(LIST)

    with exactly_statements(3):
        marketer.get(LIST)
    with exactly_statements(2):
        marketer.get(address_of("phone", "n/a"))


def test_value_that_no_touch_has_leads_back_to_the_list(marketer: Client) -> None:
    response = marketer.get(address_of("phone", "n/a"))

    assert (response.status_code, response.headers["Location"]) == (302, LIST)
