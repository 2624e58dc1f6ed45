from datetime import UTC, datetime

import pytest
from django.urls import reverse

from handoff.models import RoutingDecision
from leads.events import (
    PAYLOADS,
    AnswerUndone,
    ImportUndone,
    Payload,
    Rejected,
    StageChanged,
    Touched,
)
from leads.models import Campaign, LeadEvent
from leads.stages import Stage
from people.roles import Role
from tests.factories import make_handoff, make_person, make_pool, make_rep
from tests.pages import page_at
from tests.people.factories import MONDAY_9AM
from workspace.lead.linked_names import linked
from workspace.lead.timeline import (
    Activity,
    Description,
    Entry,
    Names,
    describe,
    entries_of,
    entry_of,
)


@pytest.mark.parametrize("payload", PAYLOADS.values())
def test_every_kind_of_event_has_a_description(payload: type[Payload]) -> None:
    assert describe.dispatch(payload) is not describe.dispatch(Payload)


@pytest.mark.parametrize(
    ("to", "reason", "text"),
    [
        (Stage.NURTURE, "no_budget", "No budget"),
        (Stage.DISQUALIFIED, "not_icp", "Outside our customer profile"),
        (Stage.LOST, "price", "Too expensive"),
        (Stage.NURTURE, "", "Imported."),
    ],
)
def test_imported_stage_shows_its_reason(to: Stage, reason: str, text: str) -> None:
    payload = StageChanged(why="import", reason=reason)
    event = LeadEvent(
        kind=payload.EVENT,
        to_stage=to,
        payload=payload.to_json(),
        occurred_at=datetime(2026, 11, 2, tzinfo=UTC),
    )
    names = Names(
        reasons={"no_budget": "No budget", "not_icp": "Outside our customer profile"},
        losses={"price": "Too expensive"},
    )

    description = entry_of(event, names).description

    assert (description.title, description.text) == (to.label, text)


def event_of(number: int, payload: Payload) -> LeadEvent:
    at = datetime(2026, 11, 2, 9, number, tzinfo=UTC)
    return LeadEvent(
        pk=number, kind=payload.EVENT, payload=payload.to_json(), occurred_at=at, to_stage=""
    )


def test_events_that_were_taken_back_are_marked_without_the_note() -> None:
    log = [
        event_of(3, AnswerUndone(taken_back=[2], handoff=7, answer="rejected", user=1)),
        event_of(2, Rejected(handoff=7, reason="not_icp", user=1)),
        event_of(1, Touched(touch=5, kind="form")),
    ]

    entries = entries_of(log, Names(notes={7: "The note of a later rejection."}))

    assert [(entry.is_taken_back, entry.description.title) for entry in entries] == [
        (False, "Rejection taken back"),
        (True, "Rejected: not_icp"),
        (False, "Form"),
    ]
    assert entries[1].description.text == ""


def test_touches_of_an_undone_import_are_marked_in_the_activity() -> None:
    log = [
        event_of(3, ImportUndone(run=1, touches=[5])),
        event_of(2, Touched(touch=5, kind="form")),
        event_of(1, Touched(touch=4, kind="form")),
    ]

    entries = entries_of(log, Names())

    assert [entry.is_taken_back for entry in entries] == [False, True, False]


def test_all_but_the_latest_events_are_folded() -> None:
    page = Activity([Entry(MONDAY_9AM, "", Description("plus", str(n))) for n in range(5)])

    titles = [
        [entry.description.title for _, entries in days for entry in entries]
        for days in (page.latest, page.earlier, page.days)
    ]
    assert titles == [["0", "1", "2"], ["3", "4"], ["0", "1", "2", "3", "4"]]
    assert page.earlier_count == 2


def test_names_in_a_text_become_links_and_nothing_else_is_markup() -> None:
    hrefs = {"Al": "/people/1/", "Al Green": "/people/2/", "“<All>”": "/rule/"}

    text = linked("Al Green, Alice and Al by “<All>” <b>", hrefs)

    assert text == (
        '<a href="/people/2/" dir="auto">Al Green</a>, Alice and '
        '<a href="/people/1/" dir="auto">Al</a> by '
        '<a href="/rule/" dir="auto">“&lt;All&gt;”</a> &lt;b&gt;'
    )
    assert linked("Al <b>", {}) == "Al &lt;b&gt;"


@pytest.mark.parametrize(("role", "may_open_rules"), [(Role.OPERATIONS, True), (Role.REP, False)])
def test_activity_links_people_campaigns_and_rules(
    role: Role, may_open_rules: bool, db: None
) -> None:
    rep = make_rep("Mia Hoffmann")
    make_pool(rep)
    Campaign.objects.create(code="guide", name="Pricing guide")
    lead = make_handoff(campaign="guide").lead
    reader = rep if role is Role.REP else make_person(role)

    page = page_at(f"/leads/{lead.pk}/", reader)

    hrefs = page.links(".timeline-what a")
    assert f"/people/{rep.pk}/" in hrefs
    assert f"/campaigns/{Campaign.objects.get(code='guide').pk}/" in hrefs
    decision = RoutingDecision.objects.get(lead=lead)
    rule = reverse("admin:handoff_routingrule_change", args=[decision.rule_id])
    assert (rule in hrefs) is may_open_rules
