"""Given back means given back: a returned lead stays with marketing until something changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import Settings

from handoff import resurfacing
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reject import reject_handoff
from handoff.invariants.returned_leads import (
    no_lead_is_past_its_date,
    returned_leads_stay_with_marketing,
)
from handoff.lead_access import is_returned
from handoff.marketing_actions import BadWakeDate, set_wake_date
from handoff.models import Handoff, Rejection, RejectionReason
from handoff.pipeline import receive
from handoff.resurfacing import resurface_leads
from leads.models import ContextCard, Lead, LeadType, TouchKindRule
from leads.stages import Stage
from leads.touches import TouchIn
from people.roles import Role
from tests.factories import make_lead, make_person, make_pool, make_rep, make_touch, owner_of
from tests.pages import page_at
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


def test_form_sent_twice_is_not_a_signal_after_a_quick_rejection(touch: TouchIn) -> None:
    handoff = offered(touch)
    by, minute = owner_of(handoff), timedelta(minutes=1)
    reject_handoff(handoff_id=handoff.pk, reason_code="bad_timing", by=by, at=MONDAY_9AM + minute)
    reload = MONDAY_9AM + 2 * minute

    assert again(touch, "demo_request", lead_type="demo", at=reload) is None
    assert again(touch, "demo_request", lead_type="demo", at=reload + 10 * minute)


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


def test_lead_resurfaces_on_its_date_and_not_before(touch: TouchIn) -> None:
    reject(touch)
    day = datetime(2027, 5, 1, tzinfo=UTC)

    assert resurface_leads(at=day - timedelta(minutes=1)) == 0
    assert Handoff.objects.count() == 1
    assert resurface_leads(at=day) == 1
    assert resurface_leads(at=day) == 0

    lead = Lead.objects.get()
    assert (lead.stage, lead.returned_at, lead.wake_on) == (Stage.MQL, None, None)
    first, second = Handoff.objects.order_by("pk")
    assert (second.state, second.owner != first.owner) == ("offered", True)
    assert ContextCard.objects.get().why_now == (
        "Due on May 1, 2027. Sales rejected it on Nov 2, 2026: Bad timing."
    )


@pytest.mark.parametrize(
    ("zone", "day", "starts_at"),
    [
        ("Pacific/Auckland", date(2027, 5, 2), datetime(2027, 5, 1, 12, tzinfo=UTC)),
        ("Pacific/Honolulu", date(2027, 5, 1), datetime(2027, 5, 1, 10, tzinfo=UTC)),
    ],
)
def test_days_of_returned_leads_are_those_of_the_reports(
    touch: TouchIn, settings: Settings, zone: str, day: date, starts_at: datetime
) -> None:
    settings.REPORTING_TIME_ZONE = zone
    handoff, evening = offered(touch), MONDAY_9AM.replace(hour=20)
    reject_handoff(
        handoff_id=handoff.pk, reason_code="bad_timing", by=owner_of(handoff), at=evening
    )

    assert Lead.objects.get().wake_on == Rejection.objects.get().wake_on == day
    assert resurface_leads(at=starts_at - timedelta(seconds=1)) == 0
    assert resurface_leads(at=starts_at) == 1

    rejected_on = "Nov 3" if zone == "Pacific/Auckland" else "Nov 2"
    assert f"Sales rejected it on {rejected_on}, 2026" in ContextCard.objects.get().why_now


def test_wake_date_is_after_today_in_the_zone_of_the_reports(
    settings: Settings,
) -> None:
    settings.REPORTING_TIME_ZONE = "Pacific/Auckland"
    lead = make_lead(kind="site_visit", lead_type="low_intent", seniority="staff", employees=3)
    by, evening = make_person(Role.MARKETER), MONDAY_9AM.replace(hour=20)

    with pytest.raises(BadWakeDate):
        set_wake_date(lead_id=lead.pk, day=date(2026, 11, 3), by=by, at=evening)
    set_wake_date(lead_id=lead.pk, day=date(2026, 11, 4), by=by, at=evening)

    assert not resurface_leads(at=datetime(2026, 11, 3, 10, 59, tzinfo=UTC))
    assert resurface_leads(at=datetime(2026, 11, 3, 11, 0, tzinfo=UTC))


def test_lead_that_is_not_ready_on_its_date_is_engaged_again(touch: TouchIn) -> None:
    handoff = offered(replace(touch, seniority="", employees=None))
    reject_handoff(handoff_id=handoff.pk, reason_code="no_budget", by=owner_of(handoff), at=LATER)
    LeadType.objects.update(is_hand_raise=False)

    assert resurface_leads(at=MONDAY_9AM + timedelta(days=366)) == 1

    lead = Lead.objects.get()
    assert (lead.stage, lead.wake_on) == (Stage.ENGAGED, None)
    assert Handoff.objects.count() == 1
    assert not Lead.objects.to_complete().exists()
    assert not is_returned(lead, Handoff.objects.get())


def test_failed_lead_does_not_hold_up_the_others(
    touch: TouchIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    reject(touch)
    reject(make_touch())
    resurfaced = resurfacing.resurface_lead
    broken = Lead.objects.earliest("pk").pk

    def resurface(lead_id: int, *, at: datetime) -> bool:
        if lead_id == broken:
            raise RuntimeError
        return resurfaced(lead_id, at=at)

    monkeypatch.setattr(resurfacing, "resurface_lead", resurface)

    assert resurface_leads(at=MONDAY_9AM + timedelta(days=200)) == 1
    assert Lead.objects.get(wake_on=None).pk != broken


def test_invariants_find_leads_past_their_date_and_offered_too_early(touch: TouchIn) -> None:
    reject(touch)
    day = datetime(2027, 5, 1, tzinfo=UTC)
    past, early = (no_lead_is_past_its_date, returned_leads_stay_with_marketing)
    assert not list(past(day + timedelta(minutes=19)))
    assert list(past(day + timedelta(minutes=20)))
    assert not list(early(LATER))

    assert again(touch, "demo_request")
    Lead.objects.update(returned_at=LATER)

    assert list(early(LATER))


def test_page_and_list_show_the_date(touch: TouchIn) -> None:
    reject(touch)
    marketer = make_person(Role.MARKETER)
    with time_machine.travel(TOMORROW, tick=False):
        page = page_at(f"/leads/{Lead.objects.get().pk}/", marketer)
        leads = page_at("/leads/?stage=nurture", marketer)

    assert page.text(".lead-next") == (
        "Next step: Marketing keeps it until May 1, 2027 or a buying signal."
    )
    assert "until May 1, 2027" in leads.text(".lead-stage")
