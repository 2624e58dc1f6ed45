from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.compiled import CompiledQuery
from handoff.answers.accept import accept_handoff
from handoff.answers.reject import reject_handoff
from handoff.answers.undo import undo_answer
from handoff.models import Attempt, Handoff, RoutingDecision
from leads.models import Campaign, EventKind, Lead, LeadEvent
from leads.touches import SetAside
from people.models import User
from people.readers import shape_of, values_of
from people.roles import Role
from tests.factories import make_handoff, make_lead, make_person, make_pool, make_rep
from tests.pages import Page, card, htmx, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM, make_team
from tests.plans import pretend_large
from tests.statements import exactly_statements
from workspace.lead.page import load_lead_page
from workspace.lead.queries import (
    ATTEMPTS,
    DECISIONS,
    EVENTS,
    HANDOFFS,
    MAX_ATTEMPTS,
    MAX_DECISIONS,
    MAX_EVENTS,
    TOUCHES,
)

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(minutes=5)
OTHER_LEADS = '.other-leads a[href^="/leads/"]'


@pytest.fixture
def rep() -> User:
    rep = make_rep("Mia Hoffmann", time_zone="Europe/Berlin")
    make_pool(rep)
    return rep


@pytest.fixture(autouse=True)
def _later() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


def page_of(user: User, lead_id: int, **request: Any) -> Page:
    return page_at(f"/leads/{lead_id}/", user, **request)


def test_headings_skip_no_level(rep: User) -> None:
    page = page_of(rep, make_handoff().lead_id)

    levels = [int(str(node.tag)[1:]) for node in page.all("h1, h2, h3, h4, h5, h6")]
    assert levels[:3] == [1, 2, 3]
    assert all(lower <= higher + 1 for higher, lower in pairwise(levels))


def test_lead_page_shows_card_decision_score_and_next_step(rep: User) -> None:
    Campaign.objects.create(
        code="guide",
        name="Pricing guide",
        problem="Contracts renew blindly.",
        messaging="Start with one team.",
        talking_points="Who owns renewals?\nHansen saved a fifth.",
    )
    handoff = make_handoff(
        name="Élodie Dubois",
        campaign="guide",
        why="Third visit to the pricing page.",
        answers={"current_tool": "Paper"},
    )

    page = page_of(rep, handoff.lead_id)

    context = page.facts(".context-card")
    assert page.text(".card-why") == "Third visit to the pricing page."
    assert context["Problem indicated"] == "Contracts renew blindly."
    assert context["Messaging received"] == "Start with one team."
    assert page.texts(".points li") == ["Who owns renewals?", "Hansen saved a fifth."]
    assert page.text(card("Assigned to") + " > p").endswith(
        "Round robin selected Mia Hoffmann: 1 of 1 in the pool was available."
    )
    assert page.text(".lead-next") == "Next step: Accept or reject it."
    assert page.texts(card("Touches") + " .touches li > span") == ["Demo request · Pricing guide"]
    assert page.facts(card("Touches"))["Current tool"] == "Paper"
    assert page.text(".score-figure strong") == str(handoff.lead.score)
    assert "Requested a demo (Number of demo requests: 1)" in page.texts(".score-line th")


def test_lead_page_shows_values_that_could_not_be_used(rep: User) -> None:
    wrong = SetAside(field="phone", value="n/a", reason="“n/a” is not a phone number.")

    lead_id = make_handoff(set_aside=(wrong,)).lead_id

    page = page_of(rep, lead_id)

    assert page.facts(card("Touches"))["Phone"] == "n/a “n/a” is not a phone number."
    assert page.links(f"{card('Touches')} dd a") == []
    (link,) = page_of(make_person(Role.MARKETER), lead_id).links(f"{card('Touches')} dd a")
    assert link.startswith("/data-quality/value/?field=phone&value=n%2Fa&touch=")


def test_deadline_is_explained_in_the_readers_time_zone(rep: User) -> None:
    handoff = make_handoff(at=MONDAY_9AM + timedelta(hours=8, minutes=50))

    with time_machine.travel(MONDAY_9AM + timedelta(hours=9), tick=False):
        page = page_of(rep, handoff.lead_id)

    # Office hours end at 18:00 UTC: ten minutes count on Monday, twenty on Tuesday from 9:00.
    clock = ".clock:first-child .spans"
    assert page.texts(f"{clock} .span-counted td") == [
        *("Nov 2, 6:50 PM to Nov 2, 7:00 PM", "working hours", "+10\N{NO-BREAK SPACE}min"),
        *("Nov 3, 10:00 AM to Nov 3, 10:20 AM", "working hours", "+20\N{NO-BREAK SPACE}min"),
    ]
    assert len(page.all(f"{clock} .span-skipped")) == 1
    assert page.text(f"{clock} tfoot th") == "Due Nov 3, 10:20 AM"
    assert page.text(f"{clock} tfoot td") == "30\N{NO-BREAK SPACE}min"


def test_first_view_by_the_owner_is_recorded_once(rep: User) -> None:
    handoff = make_handoff()

    page_of(make_person(Role.MARKETER), handoff.lead_id)
    assert Handoff.objects.get(pk=handoff.pk).viewed_at is None

    page_of(rep, handoff.lead_id)
    page_of(rep, handoff.lead_id)
    assert Handoff.objects.get(pk=handoff.pk).viewed_at == LATER
    assert LeadEvent.objects.filter(kind=EventKind.VIEWED, lead=handoff.lead_id).count() == 1


def test_activity_describes_events(rep: User) -> None:
    handoff = make_handoff()
    accept_handoff(handoff_id=handoff.pk, by=rep, at=LATER)

    page = page_of(rep, handoff.lead_id)

    assert set(page.texts(".timeline-day")) == {"Monday, November 2, 2026"}
    assert page.texts(".timeline-what") == [
        "Accepted · Mia Hoffmann",
        "Response SLA met · Mia Hoffmann",
        "Marketing qualified The score reached the MQL threshold.",
        f"Routed to Mia Hoffmann {page.text(card('Assigned to') + ' > p')}",
        "Score 85",
        "Lead opened Demo request",
    ]


def test_htmx_request_returns_the_inbox_pane(rep: User) -> None:
    handoff = make_handoff()

    part = page_of(rep, handoff.lead_id, **htmx("work"))

    assert "<html" not in part.html
    accept = f'form[hx-post="/handoffs/{handoff.pk}/accept/"]'
    assert part.values(accept, "hx-target") == ["#inbox"]
    assert part.values(f"{accept} [name=next]") == [f"/inbox/?lead={handoff.lead_id}"]


@pytest.mark.parametrize("touches", [1, 12])
def test_statements_do_not_grow_with_the_history(touches: int, rep: User) -> None:
    handoff = make_handoff(email="ann@company.example", external_id="ann")
    for minute in range(1, touches):
        make_lead(at=MONDAY_9AM + timedelta(minutes=minute), email="ann@company.example")
    client = signed_in_as(rep)
    client.get(f"/leads/{handoff.lead_id}/")

    with exactly_statements(12):
        client.get(f"/leads/{handoff.lead_id}/")
    with exactly_statements(5):
        client.get(f"/leads/{handoff.lead_id}/", **htmx("work"))


def add_history(handoff: Handoff, rep: User, *, events: int, attempts: int) -> None:
    LeadEvent.objects.bulk_create(
        LeadEvent(
            lead_id=handoff.lead_id,
            kind=EventKind.SCORED,
            occurred_at=MONDAY_9AM + timedelta(seconds=1 + score),
            payload={"score": score, "intent": 0, "was": 0},
        )
        for score in range(events)
    )
    Attempt.objects.bulk_create(
        Attempt(
            handoff=handoff,
            lead_id=handoff.lead_id,
            by=rep,
            channel=Attempt.Channel.CALL,
            outcome=Attempt.Outcome.NO_ANSWER,
            occurred_at=MONDAY_9AM + timedelta(seconds=number),
            recorded_at=MONDAY_9AM,
            note=f"Call {number}",
        )
        for number in range(attempts)
    )


def test_long_history_is_read_and_shown_in_parts(rep: User) -> None:
    handoff = make_handoff()
    client = signed_in_as(rep)
    client.get(f"/leads/{handoff.lead_id}/")
    add_history(handoff, rep, events=1_000, attempts=300)

    with exactly_statements(12):
        client.get(f"/leads/{handoff.lead_id}/")

    page = page_of(rep, handoff.lead_id)
    assert page.texts("#activity .timeline-what")[0] == "Score 999"
    assert len(page.all("#activity .timeline-event")) == MAX_EVENTS
    assert page.texts("#attempts .touch-note") == [
        f"Call {number}" for number in range(299, 279, -1)
    ]
    assert page.texts(".pages a") == ["Show earlier", "Show earlier"]


@pytest.mark.parametrize("start", ["", "?from=inbox"])
def test_earlier_part_of_a_history_has_links_to_its_neighbors(start: str, rep: User) -> None:
    handoff = make_handoff()
    add_history(handoff, rep, events=MAX_EVENTS + 2, attempts=MAX_ATTEMPTS + 1)
    path = f"/leads/{handoff.lead_id}/"
    attempts, events = page_at(f"{path}{start}", rep).links(".pages a")

    earlier = page_at(f"{path}{events}", rep)
    scores = [f"Score {score}" for score in range(MAX_EVENTS + 1, -1, -1)]
    # The first view is the newest event.
    assert earlier.texts("#activity .timeline-what")[:3] == scores[-3:]
    assert earlier.texts("#activity .pages a") == ["Show later"]
    (later,) = earlier.links("#activity .pages a")
    assert page_at(f"{path}{later}", rep).texts("#activity .timeline-what")[1:] == scores[:-3]
    assert page_at(f"{path}{attempts}", rep).texts("#attempts .touch-note") == ["Call 0"]
    assert bool(earlier.all(".lead-way")) is bool(start)


def test_earlier_part_names_what_it_mentions_and_marks_what_was_taken_back(rep: User) -> None:
    handoff = make_handoff()
    accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM)
    undo_answer(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM)
    add_history(handoff, rep, events=MAX_EVENTS, attempts=0)
    RoutingDecision.objects.bulk_create(
        RoutingDecision(
            **{
                field.attname: getattr(handoff.decision, field.attname)
                for field in RoutingDecision._meta.concrete_fields
                if not field.primary_key and field.name != "decided_at"
            },
            decided_at=LATER,
        )
        for _ in range(MAX_DECISIONS)
    )
    path = f"/leads/{handoff.lead_id}/"
    (events,) = page_at(path, rep).links("#activity .pages a")

    earlier = page_at(f"{path}{events}", rep)

    assert "Accepted Taken back · Mia Hoffmann" in earlier.texts(".timeline-what")
    (routed,) = (text for text in earlier.texts(".timeline-what") if text.startswith("Routed"))
    assert routed.endswith("Round robin selected Mia Hoffmann: 1 of 1 in the pool was available.")


@pytest.mark.parametrize("query", [EVENTS, ATTEMPTS, TOUCHES, DECISIONS, HANDOFFS])
def test_history_of_a_lead_is_found_by_an_index(query: CompiledQuery[Any], rep: User) -> None:
    handoff = make_handoff()
    lead_id = handoff.lead_id
    # The planner takes an empty table for a small one, whatever its statistics say.
    add_history(handoff, rep, events=1, attempts=1)
    tables = ["leads_leadevent", "leads_touch", "handoff_handoff", "handoff_attempt"]
    tables.append("handoff_routingdecision")
    pretend_large(*tables)
    values = {"at": LATER, **values_of(rep)} if query is HANDOFFS else {}
    with CaptureQueriesContext(connection) as captured:
        query.rows(*([shape_of(rep)] if query is HANDOFFS else []), lead_id=lead_id, **values)

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {captured[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert [table for table in tables if f"Seq Scan on {table} " in plan] == []


def test_clocks_of_a_handoff_that_came_between_two_statements_are_not_shown(rep: User) -> None:
    earlier, later = make_handoff(), make_handoff()
    page = load_lead_page(later.lead_id, user=rep, at=LATER)

    assert page is not None
    assert len(page.clocks) == 2
    assert replace(page, handoffs=[earlier]).clocks == []


def test_people_in_the_words_of_a_decision_are_linked(rep: User) -> None:
    page = page_of(rep, make_handoff().lead_id)

    selected = 'p:lexbor-contains("Round robin selected") a'
    assert set(page.texts(selected)) == {"Mia Hoffmann"}
    assert set(page.links(selected)) == {f"/people/{rep.pk}/"}


def test_other_leads_of_the_contact_are_linked(rep: User) -> None:
    first = make_handoff(email="ann@company.example")
    reject_handoff(handoff_id=first.pk, reason_code="duplicate", by=rep, at=MONDAY_9AM)
    second = make_handoff(email="ann@company.example", at=LATER)
    assert second.lead_id != first.lead_id

    page = page_of(make_person(Role.MARKETER), second.lead_id)

    assert page.links(".other-leads a") == [f"/leads/{first.lead_id}/"]
    assert "New lead opened Demo request" in page.texts(".timeline-what")


def test_possible_duplicates_and_leads_of_the_company_are_shown(rep: User) -> None:
    other = make_rep("Jonas Albrecht")
    company: dict[str, Any] = {"domain": "kontor.example", "company": "Kontor"}
    first = make_handoff(phone="+4930901820", email="", name="Bo Berg", **company)
    Lead.objects.filter(pk=first.lead_id).update(owner=other)
    second = make_handoff(phone="+4930901820", email="ana@kontor.example", **company)

    page = page_of(rep, second.lead_id)

    bo = "Bo BergMarketing qualifiedJonas Albrecht · Nov 2"
    assert page.texts(f"{card('Possible duplicates')} li") == [bo]
    assert page.texts(f"{card('Other open leads of this company')} li") == [bo]
    assert page.links(OTHER_LEADS) == [f"/leads/{first.lead_id}/"] * 2


def test_earlier_values_are_shown_with_their_date_and_origin(rep: User) -> None:
    ann: dict[str, Any] = {"email": "ann@kontor.example", "domain": "kontor.example"}
    first = MONDAY_9AM - timedelta(days=400)
    make_lead(at=first, **ann, title="Analyst", employees=20, consent=True)
    lead = make_lead(**ann, title="Chief Operating Officer", employees=400, consent=False)

    page = page_of(make_person(Role.MARKETER), lead.pk)

    earlier = zip(
        page.texts(f"{card('Earlier values')} dt"),
        page.texts(f"{card('Earlier values')} dd"),
        strict=True,
    )
    shown = [pair for pair in earlier if pair[0] in ("Title", "Company size", "Consent")]
    assert shown == [
        ("Title", "Analyst Demo request · Sep 28, 2025"),
        ("Consent", "Yes Demo request · Sep 28, 2025"),
        ("Company size", "20 Demo request · Sep 28, 2025"),
    ]
    assert page.facts(card("Contact and company"))["Consent to email"] == "Not given Nov 2"


def test_related_lead_of_another_team_is_not_linked(rep: User) -> None:
    company: dict[str, Any] = {"domain": "kontor.example", "company": "Kontor"}
    first = make_handoff(**company)
    make_pool(other := make_rep("Jonas Albrecht"))
    second = make_handoff(**company)

    page = page_of(other, second.lead_id)

    assert len(page.texts(f"{card('Other open leads of this company')} li")) == 1
    assert page.links(OTHER_LEADS) == []
    assert page_of(rep, first.lead_id).links(OTHER_LEADS) == []


def test_invisible_lead_is_not_found(rep: User) -> None:
    lead_id = make_handoff().lead_id
    other = make_rep()
    make_team(other)

    assert Client().get(f"/leads/{lead_id}/")["Location"] == f"/sign-in/?next=/leads/{lead_id}/"
    assert signed_in_as(other).get(f"/leads/{lead_id}/").status_code == 404
    assert (
        signed_in_as(make_person(Role.SALES_MANAGER)).get(f"/leads/{lead_id}/").status_code == 404
    )
    assert signed_in_as(rep).get("/leads/999999/").status_code == 404
    for role in (Role.MARKETER, Role.HANDOFF_OWNER, Role.OPERATIONS, Role.LEADER):
        assert signed_in_as(make_person(role)).get(f"/leads/{lead_id}/").status_code == 200


def test_read_only_reader_gets_no_form_but_for_a_note(rep: User) -> None:
    lead_id = make_handoff().lead_id

    page = page_of(make_person(Role.LEADER), lead_id)

    assert page.values("main form", "action") == [f"/leads/{lead_id}/notes/"]
    assert page.texts("main button") == ["Add note"]
    assert "Edit context card" not in page.html
