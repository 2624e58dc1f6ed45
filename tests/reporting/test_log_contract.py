"""Every event that the product writes carries the keys that reporting reads."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import pytest

from handoff.answers.accept import accept_handoff
from handoff.answers.attempts import log_attempt
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reject import reject_handoff
from handoff.answers.undo import undo_answer
from handoff.clock_kinds import CLOCK_KINDS
from handoff.escalation.sweep import sweep
from handoff.models import Attempt, SlaClock
from leads.events import Payload
from leads.models import EventKind, LeadEvent
from reporting.facts.contract import CLOCK_KIND, KEYS
from tests.factories import make_handoff, make_pool, make_rep, request_again
from tests.people.factories import MONDAY_9AM

HOUR = timedelta(hours=1)


def tell_story() -> None:
    """Let the product write each kind of event that reporting reads."""
    rep, colleague = make_rep(), make_rep()
    make_pool(rep, colleague)
    for number in range(4):
        handoff = make_handoff()
        owner = handoff.owner
        assert owner is not None
        if number == 0:
            accept_handoff(handoff_id=handoff.pk, by=owner, at=MONDAY_9AM + HOUR / 6)
            log_attempt(
                handoff_id=handoff.pk,
                by=owner,
                channel=Attempt.Channel.CALL,
                outcome=Attempt.Outcome.REACHED,
                occurred_at=MONDAY_9AM + HOUR / 5,
                at=MONDAY_9AM + HOUR / 5,
            )
            request_again(handoff.lead, at=MONDAY_9AM + HOUR)
        elif number == 1:
            accept_handoff(handoff_id=handoff.pk, by=owner, at=MONDAY_9AM + HOUR)
            undo_answer(handoff_id=handoff.pk, by=owner, at=MONDAY_9AM + HOUR)
            reject_handoff(
                handoff_id=handoff.pk, reason_code="not_icp", by=owner, at=MONDAY_9AM + HOUR
            )
        elif number == 2:
            mark_cannot_evaluate(
                handoff_id=handoff.pk,
                missing_fields=["company.industry"],
                by=owner,
                at=MONDAY_9AM + HOUR,
            )
    sweep(at=MONDAY_9AM + timedelta(days=9))


@pytest.mark.parametrize("payload", KEYS, ids=lambda payload: payload.EVENT.value)
def test_keys_are_fields_of_the_payload(payload: type[Payload]) -> None:
    assert KEYS[payload] <= {field.name for field in fields(payload)}


@pytest.mark.django_db
def test_product_writes_every_key_that_reporting_reads() -> None:
    tell_story()

    for payload, keys in KEYS.items():
        events = LeadEvent.objects.filter(kind=payload.EVENT)
        assert events, payload.EVENT
        for event in events:
            assert keys <= set(event.payload), event.kind


@pytest.mark.django_db
def test_clock_events_name_the_kinds_that_reporting_reads() -> None:
    tell_story()

    events = LeadEvent.objects.filter(kind__in=[EventKind.CLOCK_MET, EventKind.CLOCK_BREACHED])

    assert {event.payload[CLOCK_KIND] for event in events} == set(CLOCK_KINDS)
    assert {clock.kind for clock in SlaClock.objects.all()} == set(CLOCK_KINDS)
