from dataclasses import MISSING, fields
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine

from handoff.answers.accept import accept_handoff
from handoff.answers.advance import advance_lead
from handoff.answers.attempts import log_attempt
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.complete import complete_and_reoffer
from handoff.answers.reject import reject_handoff
from handoff.answers.undo import undo_answer
from handoff.marketing_actions import release, set_wake_date
from handoff.models import Attempt, Handoff
from handoff.notes import add_note
from handoff.offers import mark_viewed
from handoff.reassignment import reassign
from handoff.tasks import sweep_clocks
from intake.contact_edits import edit_contact
from intake.imports.undo import undo_run
from intake.models import ImportedLine, ImportRun
from intake.repairs import repair_values
from leads.context_card import edit_card
from leads.events import (
    PAYLOADS,
    Accepted,
    Attempted,
    Payload,
    StageChanged,
    concrete_payloads,
    payload_of,
)
from leads.models import EventKind, LeadEvent
from leads.stages import Stage
from people.roles import Role
from tests.factories import (
    make_handoff,
    make_lead,
    make_person,
    make_pool,
    make_receipt,
    make_rep,
    owner_of,
)
from tests.people.factories import MONDAY_9AM

LATER = MONDAY_9AM + timedelta(minutes=1)


def event_of(payload: Payload) -> LeadEvent:
    return LeadEvent(kind=payload.EVENT.value, payload=payload.to_json())


def test_every_event_kind_has_one_payload() -> None:
    kinds = [payload.EVENT for payload in concrete_payloads()]

    assert sorted(kinds) == sorted(EventKind)


@pytest.mark.parametrize("payload_type", PAYLOADS.values(), ids=lambda payload: payload.__name__)
def test_payload_survives_storing_and_reading(payload_type: type[Payload]) -> None:
    payload = payload_type(**{item.name: f"any {item.name}" for item in fields(payload_type)})

    assert payload_of(event_of(payload)) == payload


def test_default_value_is_not_stored() -> None:
    payload = StageChanged(why="accepted")

    assert payload.to_json() == {"why": "accepted"}
    assert payload_of(event_of(payload)) == payload


def test_unknown_and_missing_keys_of_another_release_are_tolerated() -> None:
    event = LeadEvent(kind=EventKind.ACCEPTED, payload={"handoff": 7, "removed": "x"})

    assert payload_of(event) == Accepted(handoff=7, user=None)  # type: ignore[arg-type]  # missing


@pytest.mark.django_db
def test_every_event_is_written_with_the_keys_of_its_payload() -> None:
    live_every_kind_of_event()

    events = list(LeadEvent.objects.all())

    assert {event.kind for event in events} == set(EventKind)
    for event in events:
        payload = payload_of(event)
        required = {item.name for item in fields(payload) if item.default is MISSING}
        assert required <= set(event.payload), event
        assert payload.to_json() == event.payload


@pytest.mark.django_db
def test_attempt_is_read_back_as_written() -> None:
    make_pool()
    handoff = make_handoff()
    attempt(handoff)

    [event] = LeadEvent.objects.filter(kind=EventKind.ATTEMPTED)
    assert payload_of(event) == Attempted(
        handoff=handoff.pk, channel="call", outcome="no_answer", is_first=True
    )


def live_every_kind_of_event() -> None:
    manager, marketer = make_person(Role.SALES_MANAGER), make_person(Role.MARKETER)
    team = make_pool(make_rep(), make_rep(), make_rep(), manager=manager)
    accepted, rejected, incomplete, moved, late = (make_handoff() for _ in range(5))
    for handoff in (accepted, rejected, incomplete):
        mark_viewed(handoff_id=handoff.pk, by=owner_of(handoff), at=LATER)

    make_receipt(at=MONDAY_9AM - timedelta(days=1), email=accepted.lead.contact.email, offer="Old")
    owner = owner_of(accepted)
    make_receipt(email=accepted.lead.contact.email, domain="", company="", phone="")
    accept_handoff(handoff_id=accepted.pk, by=owner, at=LATER)
    attempt(accepted)
    for stage in (Stage.SQL, Stage.LOST):
        advance_lead(
            handoff_id=accepted.pk, to=stage, by=owner, at=LATER, loss_reason_code="competitor"
        )

    reject_handoff(
        handoff_id=rejected.pk, reason_code="bad_timing", by=owner_of(rejected), at=LATER
    )
    undo_answer(handoff_id=rejected.pk, by=owner_of(rejected), at=LATER)
    reject_handoff(handoff_id=rejected.pk, reason_code="not_icp", by=owner_of(rejected), at=LATER)
    mark_cannot_evaluate(
        handoff_id=incomplete.pk,
        missing_fields=["lead.timing"],
        by=owner_of(incomplete),
        at=LATER,
    )
    make_receipt(email="", phone="", email_is_corporate=None, external_id="crm-7")
    edit_card(
        lead_id=incomplete.lead_id,
        why="They asked twice.",
        content_engaged="",
        problem_indicated="",
        messaging_received="",
        by=marketer,
        at=LATER,
    )
    edit_contact(lead_id=incomplete.lead_id, values={"name": "Ann Lima"}, by=marketer, at=LATER)
    add_note(lead=incomplete.lead, text="Call after five.", by=marketer, at=LATER)
    cold = make_lead(kind="site_visit", lead_type="low_intent", seniority="staff", title="")
    set_wake_date(lead_id=cold.pk, day=date(2027, 3, 1), by=marketer, at=LATER)
    complete_and_reoffer(
        lead_id=incomplete.lead_id, values={"lead.timing": "now"}, by=marketer, at=LATER
    )
    colleague = team.members.exclude(pk=owner_of(moved).pk).order_by("pk")[0]
    reassign(handoff_id=moved.pk, to=colleague, by=manager, at=LATER)

    make_receipt(set_aside=({"field": "timing", "value": "soon", "reason": "Unknown value."},))
    repair_values(field="timing", value="soon", entered="now", by=marketer, at=LATER)
    run = ImportRun.objects.create(
        name="fair", file="fair.csv", is_historical=False, started_at=LATER
    )
    imported = make_receipt(kind="site_visit", lead_type="low_intent", seniority="staff", title="")
    ImportedLine.objects.create(
        fingerprint=uuid4(), imported_at=LATER, run=run, touch_id=imported.touch_id
    )
    undo_run(run.pk, at=LATER)
    cold.contact.suppressed_at = MONDAY_9AM
    cold.contact.save()
    release(lead_id=cold.pk, why="They asked.", by=marketer, at=LATER)

    # First a warning before the due time, then the breach.
    clock = late.clocks.earliest("due_at")
    for moment in (clock.warn_at, clock.due_at + timedelta(days=1)):
        with time_machine.travel(moment, tick=False):
            sweep_clocks()


def attempt(handoff: Handoff) -> None:
    log_attempt(
        handoff_id=handoff.pk,
        by=owner_of(handoff),
        channel=Attempt.Channel.CALL,
        outcome=Attempt.Outcome.NO_ANSWER,
        occurred_at=LATER,
        at=LATER,
    )
