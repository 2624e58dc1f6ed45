"""Given back means given back: a returned lead stays with marketing until something changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reject import reject_handoff
from handoff.models import Handoff, RejectionReason
from handoff.pipeline import receive
from leads.models import ContextCard, Lead, TouchKindRule
from leads.stages import Stage
from leads.touches import TouchIn
from tests.factories import make_pool, make_rep, make_touch, owner_of
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(hours=1)
TOMORROW = MONDAY_9AM + timedelta(days=1)


@pytest.fixture
def touch() -> TouchIn:
    make_pool(make_rep(), make_rep(), make_rep())
    return make_touch()


def offered(touch: TouchIn) -> Handoff:
    receipt = receive(touch, at=MONDAY_9AM, via="test")
    return Handoff.objects.get(pk=receipt.handoff_id or 0)


def reject(touch: TouchIn, reason: str = "bad_timing") -> None:
    handoff = offered(touch)
    reject_handoff(handoff_id=handoff.pk, reason_code=reason, by=owner_of(handoff), at=LATER)


def return_for(touch: TouchIn, *missing: str) -> None:
    handoff = offered(touch)
    mark_cannot_evaluate(
        handoff_id=handoff.pk, missing_fields=missing, by=owner_of(handoff), at=LATER
    )


def again(touch: TouchIn, kind: str, *, at: datetime = TOMORROW, **fields: Any) -> Handoff | None:
    """Receive another touch of the contact and return the new handoff, if there is one."""
    fields = {"lead_type": "", "occurred_at": at, **fields}
    receipt = receive(replace(touch, kind=kind, **fields), at=at, via="test")
    return Handoff.objects.filter(pk=receipt.handoff_id or 0).first()


@pytest.mark.parametrize("reason", ["bad_timing", "no_budget", "no_authority", "bad_data"])
@pytest.mark.parametrize("kind", ["site_visit", "content_download", "email_reply"])
def test_rejected_lead_is_not_offered_again_by_other_touches(
    touch: TouchIn, reason: str, kind: str
) -> None:
    reject(touch, reason)
    stage = Lead.objects.get().stage

    assert again(touch, kind) is None

    lead = Lead.objects.get()
    assert lead.stage == stage
    assert lead.touch_count == 2
    assert Handoff.objects.count() == 1


@pytest.mark.parametrize("kind", ["demo_request", "quote_request", "consultation_request"])
def test_buying_signal_offers_a_rejected_lead_to_another_rep(touch: TouchIn, kind: str) -> None:
    reject(touch)

    handoff = again(touch, kind)

    assert handoff is not None
    assert handoff.owner != Handoff.objects.earliest("pk").owner
    lead = Lead.objects.get()
    assert (lead.stage, lead.returned_at, lead.wake_on) == (Stage.MQL, None, None)
    assert "after sales returned the lead on Nov 2" in ContextCard.objects.get().why_now


def test_form_that_states_the_lead_type_of_a_signal_is_one(touch: TouchIn) -> None:
    reject(touch)

    assert again(touch, "form", lead_type="demo")


def test_each_reason_has_its_own_signals(touch: TouchIn) -> None:
    RejectionReason.objects.filter(code="bad_timing").update(signal_kinds=["email_reply"])
    reject(touch)

    assert again(touch, "demo_request") is None
    assert again(touch, "email_reply")


def test_lead_that_could_not_be_evaluated_waits_for_its_data(touch: TouchIn) -> None:
    touch = replace(touch, employees=None, industry="")
    return_for(touch, "company.employees", "company.industry")

    assert again(touch, "site_visit") is None
    assert again(touch, "content_download", employees=120) is None
    assert again(touch, "content_download", industry="Software")
    assert ContextCard.objects.get().why_now.startswith("The missing data is complete")


def test_signal_offers_a_lead_that_could_not_be_evaluated(touch: TouchIn) -> None:
    TouchKindRule.objects.create(kind="trial_signup", is_buying_signal=True)
    return_for(touch, "company.revenue_band")

    assert again(touch, "pricing_visit") is None
    assert again(touch, "trial_signup")


def test_rejection_sets_the_date_on_the_lead(touch: TouchIn) -> None:
    reject(touch)

    lead = Lead.objects.get()
    assert (lead.returned_at, lead.wake_on) == (LATER, date(2027, 5, 1))
