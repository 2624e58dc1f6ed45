from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from handoff.answers.accept import accept_handoff
from handoff.answers.attempts import log_attempt
from handoff.models import Attempt, Handoff, Rejection
from handoff.reasons import reasons
from handoff.reassignment import reassign
from leads.models import EventKind, LeadEvent
from leads.stages import Stage
from people.models import User
from people.roles import Role
from tests.factories import (
    make_handoff,
    make_handoff_to,
    make_person,
    make_pool,
    make_queue,
    make_rep,
    owner_of,
)
from tests.pages import Page, htmx, messages_of, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM, make_team
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(minutes=5)
ATTEMPT: dict[str, Any] = {
    "channel": "call",
    "outcome": "no_answer",
    "occurred_at": "2026-11-02T09:03",
}
ANSWERS: dict[str, dict[str, Any]] = {
    "accept": {},
    "reject": {"reason": "bad_timing"},
    "cannot-evaluate": {"missing": ["contact.has_phone"]},
    "attempt": ATTEMPT,
    "advance": {"to": "sql"},
}


@pytest.fixture
def rep() -> User:
    rep = make_rep("Mia Hoffmann")
    make_pool(rep, make_rep())
    return rep


@pytest.fixture
def handoff(rep: User) -> Handoff:
    return make_handoff_to(rep)


@pytest.fixture(autouse=True)
def _later() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


def post(user: User, handoff: Handoff, answer: str, *, follow: bool = True, **fields: Any) -> Any:
    client = signed_in_as(user)
    return client.post(f"/handoffs/{handoff.pk}/{answer}/", fields, follow=follow)


def events_of(handoff: Handoff) -> list[str]:
    events = LeadEvent.objects.filter(lead=handoff.lead_id).order_by("pk")
    return list(events.values_list("kind", flat=True))


def lead_page_of(user: User, handoff: Handoff) -> Page:
    return page_at(f"/leads/{handoff.lead_id}/", user)


def errors_in(response: Any) -> list[str]:
    """Return the errors of the panel that is open."""
    return Page(response).texts(".answer[open] .field-error")


def test_accepting_stays_on_the_lead(rep: User, handoff: Handoff) -> None:
    response = post(rep, handoff, "accept", next=f"/inbox/?lead={handoff.lead_id}")

    handoff.refresh_from_db()
    assert handoff.state == "accepted"
    assert handoff.answered_at == LATER
    assert handoff.lead.stage == "sal"
    assert response.redirect_chain == [(f"/inbox/?lead={handoff.lead_id}", 302)]
    assert messages_of(response) == [f"Accepted {handoff.lead.contact}."]


def test_rejecting_leads_to_the_next_lead(rep: User, handoff: Handoff) -> None:
    response = post(rep, handoff, "reject", reason="bad_timing", note="Next summer", next="/inbox/")

    rejection = Rejection.objects.get()
    assert (rejection.reason.code, rejection.note) == ("bad_timing", "Next summer")
    assert handoff.lead.__class__.objects.get(pk=handoff.lead_id).stage == "nurture"
    assert response.redirect_chain == [("/inbox/", 302)]


@pytest.mark.parametrize("reason", ["", "bad_lead", "not_icp'--"])
def test_rejecting_needs_an_active_reason(reason: str, rep: User, handoff: Handoff) -> None:
    before = events_of(handoff)

    response = post(rep, handoff, "reject", reason=reason, note="A word that is kept")

    assert response.status_code == 422
    assert errors_in(response) == ["Choose one of the reasons."]
    assert Page(response).values(".answer[open] [name=note]") == ["A word that is kept"]
    assert Handoff.objects.get(pk=handoff.pk).state == "offered"
    assert events_of(handoff) == before


def log_call(handoff: Handoff, rep: User, minute: int) -> None:
    at = MONDAY_9AM + timedelta(minutes=minute)
    log_attempt(
        handoff_id=handoff.pk,
        by=rep,
        channel=Attempt.Channel.CALL,
        outcome=Attempt.Outcome.NO_ANSWER,
        occurred_at=at,
        at=at,
    )


@pytest.mark.parametrize(
    ("minutes", "count"),
    [
        ([0, 0, 1, 1], 1),
        ([0, 9, 10], 2),
        ([0, 9, 18, 27], 2),
        ([40, 0, 5, 20], 3),
    ],
)
def test_attempts_minutes_apart_count_once(
    minutes: list[int], count: int, rep: User, handoff: Handoff
) -> None:
    for minute in minutes:
        log_call(handoff, rep, minute)

    handoff.refresh_from_db()
    assert handoff.attempt_count == count
    assert handoff.attempts.count() == len(set(minutes))
    blocked = lead_page_of(rep, handoff).text(".reason[value=unresponsive] .reason-next")
    assert blocked == f"Available after 5 logged attempts ({count} so far)"


def test_unresponsive_needs_the_required_attempts(rep: User, handoff: Handoff) -> None:
    unresponsive = ".reason[value=unresponsive] .reason-next"
    page = lead_page_of(rep, handoff)
    assert page.text(unresponsive) == "Available after 5 logged attempts (0 so far)"
    refused = post(rep, handoff, "reject", reason="unresponsive")
    assert refused.status_code == 422
    assert errors_in(refused) == [
        "“Unresponsive” requires 5 logged attempts, at least 10 minutes apart. "
        "0 attempts count so far."
    ]

    for minute in range(0, 50, 10):
        log_call(handoff, rep, minute)
    assert lead_page_of(rep, handoff).text(unresponsive) == "Goes to nurture until a buying signal."
    post(rep, handoff, "reject", reason="unresponsive")
    assert Handoff.objects.get(pk=handoff.pk).state == "rejected"


def test_cannot_evaluate_stores_the_missing_fields(rep: User, handoff: Handoff) -> None:
    refused = post(rep, handoff, "cannot-evaluate")
    assert refused.status_code == 422
    assert errors_in(refused) == ["Select the missing fields, so that marketing can complete them."]

    post(rep, handoff, "cannot-evaluate", missing=["contact.has_phone", "company.employees"])

    handoff.refresh_from_db()
    assert handoff.state == "cannot_evaluate"
    assert handoff.missing_fields == ["contact.has_phone", "company.employees"]
    assert handoff.lead.queue is not None
    assert handoff.lead.queue.name == "Marketing"


def test_unknown_required_fields_are_preselected(rep: User) -> None:
    handoff = make_handoff(stated_problem="", timing="now", title="")

    page = lead_page_of(owner_of(handoff), handoff)

    assert page.values("[name=missing][checked]") == ["contact.title", "lead.has_stated_problem"]
    assert "lead.timing" in page.values("[name=missing]")


def test_unknown_fields_come_first_and_known_ones_with_their_value(rep: User) -> None:
    handoff = make_handoff(title="", company="Vega")

    page = lead_page_of(owner_of(handoff), handoff)

    groups = [
        [box.attributes["value"] for box in group.css("[name=missing]")]
        for group in page.all(".reasons > .reasons")
    ]
    titles = page.texts(".reasons > .reasons > legend")
    assert titles == ["Unknown", "Known, but wrong or too vague"]
    unknown, known = groups
    assert "contact.title" in unknown
    assert "company.name" in known
    assert page.text(".reason:has([value='company.name']) .reason-help") == "Vega"
    digits = page.values("[name=missing]", "data-digit")
    assert digits == [str(number) for number in range(1, 10)]


def test_reasons_say_when_to_use_them_and_what_follows(rep: User, handoff: Handoff) -> None:
    page = lead_page_of(rep, handoff)

    timing = "button.reason[value=bad_timing]"
    assert page.text(f"{timing} .reason-help") == (
        "Need and budget exist, but not within the next six months."
    )
    assert page.text(f"{timing} .reason-next") == (
        "Goes to nurture. May resurface from May 1, 2027."
    )
    assert page.text("button.reason[value=duplicate] .reason-next") == (
        "Closes the lead as a duplicate."
    )


def test_attempt_time_is_read_in_the_users_time_zone(rep: User, handoff: Handoff) -> None:
    User.objects.filter(pk=rep.pk).update(time_zone="Europe/Berlin")

    post(rep, handoff, "attempt", **{**ATTEMPT, "occurred_at": "2026-11-02T10:03"})

    attempt = Attempt.objects.get()
    assert attempt.occurred_at == MONDAY_9AM + timedelta(minutes=3)
    assert (attempt.channel, attempt.outcome) == ("call", "no_answer")


def test_a_call_within_the_minute_of_the_offer_counts(rep: User) -> None:
    offered = MONDAY_9AM + timedelta(minutes=3, seconds=40)
    handoff = make_handoff(at=offered)
    assert handoff.owner is not None

    assert post(handoff.owner, handoff, "attempt", **ATTEMPT).status_code == 200

    handoff.refresh_from_db()
    assert Attempt.objects.get().occurred_at == offered
    assert handoff.first_contact_at == offered


def test_invalid_attempt_keeps_what_was_typed(rep: User, handoff: Handoff) -> None:
    early = post(rep, handoff, "attempt", **{**ATTEMPT, "occurred_at": "2026-11-01T09:00"})
    wrong = post(rep, handoff, "attempt", **{**ATTEMPT, "occurred_at": "soon", "note": "Hm"})

    assert errors_in(early) == [
        "This attempt happened before the lead was offered. Enter a later time."
    ]
    assert errors_in(wrong) == ["Enter a date and time, such as 2026-11-02 14:30."]
    assert Page(wrong).values(".answer[open] [name=note]") == ["Hm"]
    assert (early.status_code, wrong.status_code) == (422, 422)
    assert not Attempt.objects.exists()


def test_pressing_a_button_twice_answers_once(rep: User, handoff: Handoff) -> None:
    for _ in range(2):
        accepted = post(rep, handoff, "accept")
        logged = post(rep, handoff, "attempt", **ATTEMPT)

    assert messages_of(accepted) == ["You already answered this handoff. Nothing changed."]
    assert logged.status_code == 200
    assert Attempt.objects.count() == 1
    assert Handoff.objects.get(pk=handoff.pk).attempt_count == 1
    assert events_of(handoff).count(EventKind.ACCEPTED) == 1
    assert events_of(handoff).count(EventKind.ATTEMPTED) == 1


def test_only_identical_attempts_within_a_minute_are_dropped(rep: User, handoff: Handoff) -> None:
    reached = {**ATTEMPT, "outcome": "reached"}
    linked = {**reached, "note": "Calls back", "link": "https://calls.example/7"}
    for typed in (ATTEMPT, reached, linked, linked, {**linked, "note": ""}):
        post(rep, handoff, "attempt", **typed)

    logged = Attempt.objects.order_by("pk").values_list("outcome", "note", "link")
    assert list(logged) == [
        ("no_answer", "", ""),
        ("reached", "", ""),
        ("reached", "Calls back", "https://calls.example/7"),
        ("reached", "", "https://calls.example/7"),
    ]
    assert Handoff.objects.get(pk=handoff.pk).attempt_count == 1


def test_second_answer_from_another_tab_is_refused(rep: User, handoff: Handoff) -> None:
    post(rep, handoff, "reject", reason="no_budget")
    before = events_of(handoff)

    response = post(rep, handoff, "accept", next="/inbox/")

    assert messages_of(response) == [
        "This lead was already rejected on Nov 2, 2026, 9:05 AM. It is with Marketing now."
    ]
    assert Handoff.objects.get(pk=handoff.pk).state == "rejected"
    assert events_of(handoff) == before


def test_refusal_has_dates_as_its_reader_reads_them(rep: User, handoff: Handoff) -> None:
    User.objects.filter(pk=rep.pk).update(date_style="iso")
    post(rep, handoff, "reject", reason="no_budget")

    response = post(rep, handoff, "accept", next="/inbox/")

    assert messages_of(response) == [
        "This lead was already rejected on 2026-11-02, 09:05. It is with Marketing now."
    ]


@pytest.mark.parametrize("answer", ANSWERS)
def test_losing_a_race_for_a_queued_lead_shows_the_new_owner(answer: str) -> None:
    ida, jon = make_rep("Ida Lindqvist"), make_rep("Jon Bell")
    make_queue(ida, jon)
    handoff = make_handoff()
    accept_handoff(handoff_id=handoff.pk, by=ida, at=MONDAY_9AM)
    before = events_of(handoff)

    response = post(jon, handoff, answer, **ANSWERS[answer])

    assert response.redirect_chain == [(f"/leads/{handoff.lead_id}/", 302)]
    assert messages_of(response) == [
        "This lead was already accepted on Nov 2, 2026, 9:00 AM. It is with Ida Lindqvist now."
    ]
    assert Handoff.objects.get(pk=handoff.pk).answered_by == ida
    assert events_of(handoff) == before


def test_losing_a_race_is_reported_before_form_errors() -> None:
    ida, jon = make_rep("Ida Lindqvist"), make_rep("Jon Bell")
    make_queue(ida, jon)
    handoff = make_handoff()
    accept_handoff(handoff_id=handoff.pk, by=ida, at=MONDAY_9AM)

    response = post(jon, handoff, "attempt", **{**ATTEMPT, "occurred_at": "soon"})

    assert messages_of(response) == [
        "This lead was already accepted on Nov 2, 2026, 9:00 AM. It is with Ida Lindqvist now."
    ]


def test_accepted_lead_advances_to_won_with_its_amount(rep: User, handoff: Handoff) -> None:
    post(rep, handoff, "accept")
    post(rep, handoff, "advance", to="sql")
    post(rep, handoff, "advance", to="opportunity")
    refused = post(rep, handoff, "advance", to="won", amount="lots", currency="EUR")
    assert refused.status_code == 422
    assert errors_in(refused) == ["Enter a number, such as 12500.50."]

    post(rep, handoff, "advance", to="won", amount="12500.50", currency="eur")

    handoff.refresh_from_db()
    assert (handoff.lead.stage, str(handoff.lead.amount)) == ("won", "12500.50")
    assert handoff.lead.currency == "EUR"
    assert handoff.closed_at == LATER
    page = page_at(handoff.lead.get_absolute_url(), rep)
    assert page.text("main").count("12,500.50\N{NO-BREAK SPACE}EUR") == 2


def test_advancing_twice_changes_the_stage_once(rep: User, handoff: Handoff) -> None:
    post(rep, handoff, "accept")
    steps: list[dict[str, Any]] = [
        {"to": "sql"},
        {"to": "opportunity"},
        {"to": "won", "amount": "12500.50", "currency": "EUR"},
    ]

    for typed in steps:
        pages = [Page(post(rep, handoff, "advance", **typed)) for _ in range(2)]
        label = Stage(typed["to"]).label
        assert [page.texts(".message-success") for page in pages] == [
            [f"Lead moved to {label}."]
        ] * 2

    assert events_of(handoff).count(EventKind.STAGE_CHANGED) == 5
    assert events_of(handoff).count(EventKind.COMPLETED) == 1


def test_won_lead_refuses_another_amount(rep: User, handoff: Handoff) -> None:
    post(rep, handoff, "accept")
    for stage in ("sql", "opportunity", "won"):
        post(rep, handoff, "advance", to=stage)

    response = post(rep, handoff, "advance", to="won", amount="12", currency="EUR")

    assert messages_of(response) == [
        "This lead was already finished on Nov 2, 2026, 9:05 AM. It is closed as won."
    ]
    assert Handoff.objects.get(pk=handoff.pk).lead.amount is None


def test_reassigned_qualified_lead_can_be_accepted_but_not_rejected(
    rep: User, handoff: Handoff
) -> None:
    manager = make_person(Role.SALES_MANAGER)
    team = rep.teams.get()
    team.manager = manager
    team.save()
    [to] = team.members.exclude(pk=rep.pk)
    post(rep, handoff, "accept")
    post(rep, handoff, "advance", to="sql")
    reassigned_id = reassign(handoff_id=handoff.pk, to=to, by=manager, at=LATER)
    reassigned = Handoff.objects.get(pk=reassigned_id)

    page = lead_page_of(to, reassigned)
    refused = [
        post(to, reassigned, "reject", reason="bad_data"),
        post(to, reassigned, "cannot-evaluate", missing="contact.has_phone"),
    ]

    assert page.text(".lead-next") == ("Next step: Accept it, or ask your manager to reassign it.")
    assert [Page(response).texts(".messages .message-error") for response in refused] == [
        ["A lead cannot move from “Sales qualified” to “Engaged”."]
    ] * 2
    assert Handoff.objects.get(pk=reassigned_id).state == "offered"


def test_offer_cannot_advance_before_acceptance(rep: User, handoff: Handoff) -> None:
    response = post(rep, handoff, "advance", to="sql")

    assert messages_of(response) == ["Accept the lead first."]
    assert Handoff.objects.get(pk=handoff.pk).state == "offered"


def test_closed_lead_cannot_advance(rep: User, handoff: Handoff) -> None:
    post(rep, handoff, "accept")
    post(rep, handoff, "advance", to="sql")
    post(rep, handoff, "advance", to="lost", reason="competitor")

    response = post(rep, handoff, "advance", to="sql")

    assert messages_of(response) == [
        "This lead was already finished on Nov 2, 2026, 9:05 AM. It is closed as lost."
    ]
    assert Handoff.objects.get(pk=handoff.pk).lead.stage == "lost"


def test_a_stage_is_not_skipped(rep: User, handoff: Handoff) -> None:
    post(rep, handoff, "accept")

    response = post(rep, handoff, "advance", to="won")

    assert messages_of(response) == ["A lead cannot move from “Sales accepted” to “Won”."]
    assert Handoff.objects.get(pk=handoff.pk).closed_at is None


def test_refusal_in_the_inbox_is_shown_in_the_open_lead(rep: User, handoff: Handoff) -> None:
    response = signed_in_as(rep).post(
        f"/handoffs/{handoff.pk}/reject/", {"reason": ""}, **htmx("inbox")
    )

    assert response.status_code == 422
    assert response.headers["HX-Retarget"] == "#work"
    assert "<html" not in Page(response).html


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "inbox",
        "2026-13-01T99:99",
        "[]",
        "0",
        "\t/inbox/",
    ],
)
def test_next_address_is_a_page_of_this_site(rep: User, handoff: Handoff, address: str) -> None:
    response = post(rep, handoff, "accept", follow=False, next=address)

    assert response["Location"] == f"/leads/{handoff.lead_id}/"


def test_accepting_takes_four_statements(
    rep: User, handoff: Handoff, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in_as(rep)

    # The person, the handoff under lock, its clocks, the write; and the savepoint around it.
    with django_assert_num_queries(4 + 2):
        client.post(f"/handoffs/{handoff.pk}/accept/", {"next": "/inbox/"})


@pytest.mark.parametrize(("reason", "more"), [("bad_timing", 0), ("not_icp", 1)])
def test_rejecting_takes_few_statements(
    reason: str, more: int, rep: User, handoff: Handoff
) -> None:
    client = signed_in_as(rep)
    reasons.now()

    # The person, the stamp of the reasons, the handoff under lock, its clocks, the write; and a
    # contact under lock if the reason suppresses it.
    with exactly_statements(5 + more):
        client.post(f"/handoffs/{handoff.pk}/reject/", {"reason": reason, "next": "/inbox/"})


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_stranger_is_asked_to_sign_in(answer: str, handoff: Handoff) -> None:
    response = Client().post(f"/handoffs/{handoff.pk}/{answer}/", ANSWERS[answer])

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("answer", ANSWERS)
def test_rep_of_another_team_gets_not_found(answer: str, handoff: Handoff) -> None:
    other = make_rep()
    make_team(other)
    before = events_of(handoff)

    assert post(other, handoff, answer, **ANSWERS[answer]).status_code == 404
    assert events_of(handoff) == before


@pytest.mark.parametrize("answer", ANSWERS)
def test_answering_needs_a_sales_role(answer: str, handoff: Handoff) -> None:
    for role in (Role.MARKETER, Role.LEADER, Role.OPERATIONS, Role.HANDOFF_OWNER):
        response = post(make_person(role), handoff, answer, **ANSWERS[answer])
        assert response.status_code == 403


@pytest.mark.parametrize("answer", ANSWERS)
def test_inactive_user_cannot_answer(answer: str, rep: User, handoff: Handoff) -> None:
    client = signed_in_as(rep)
    User.objects.filter(pk=rep.pk).update(is_active=False)

    assert client.post(f"/handoffs/{handoff.pk}/{answer}/", ANSWERS[answer]).status_code == 302
    assert Handoff.objects.get(pk=handoff.pk).state == "offered"


@pytest.mark.parametrize("answer", ANSWERS)
def test_answers_need_post_and_csrf_token(answer: str, rep: User, handoff: Handoff) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(rep)

    opened = client.get(f"/handoffs/{handoff.pk}/{answer}/")
    assert opened["Location"] == handoff.lead.get_absolute_url()
    assert client.post(f"/handoffs/{handoff.pk}/{answer}/", ANSWERS[answer]).status_code == 403
    assert Handoff.objects.get(pk=handoff.pk).state == "offered"


def test_teammate_sees_a_lead_that_only_the_manager_can_answer(rep: User, handoff: Handoff) -> None:
    team = rep.teams.get()
    mate = team.members.exclude(pk=rep.pk).get()
    manager = make_person(Role.SALES_MANAGER)
    team.manager = manager
    team.save()

    assert signed_in_as(mate).get(f"/leads/{handoff.lead_id}/").status_code == 200
    refused = post(mate, handoff, "accept")
    assert messages_of(refused) == [
        "It is with Mia Hoffmann now. You can view it but not answer it."
    ]
    assert Handoff.objects.get(pk=handoff.pk).state == "offered"
    assert post(manager, handoff, "accept").status_code == 200
    handoff.refresh_from_db()
    assert (handoff.owner, handoff.answered_by) == (rep, manager)
