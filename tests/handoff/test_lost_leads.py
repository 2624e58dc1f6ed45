"""A lead is lost only after qualification and with a reason; missed contacts are counted."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, transaction

from handoff.answers.accept import accept_handoff
from handoff.answers.advance import LossReasonRequired, advance_lead
from handoff.answers.attempts import log_attempt
from handoff.answers.reject import reject_handoff
from handoff.models import Attempt, Handoff, LossReason, SlaClock
from leads.lifecycle import IllegalMove
from leads.models import EventKind, LeadEvent
from leads.stages import Stage
from people.models import User
from reporting.models import HandoffMilestones, LeadMilestones
from reporting.registry.counters import COUNTERS
from reporting.rollups.refresh import follow_log
from tests.factories import make_handoff, make_lead, make_pool, make_rep
from tests.pages import Page, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(minutes=5)
PERIOD = "from=2026-10-01&to=2026-11-30"


@pytest.fixture
def mia() -> User:
    mia = make_rep("Mia Hoffmann")
    make_pool(mia)
    return mia


def accepted(rep: User) -> Handoff:
    return accept_handoff(handoff_id=make_handoff().pk, by=rep, at=LATER)


def advance(handoff: Handoff, *stages: Stage, reason: str = "") -> None:
    assert handoff.owner is not None
    for stage in stages:
        advance_lead(
            handoff_id=handoff.pk,
            to=stage,
            by=handoff.owner,
            at=LATER,
            amount=Decimal(100) if stage == Stage.WON else None,
            currency="EUR" if stage == Stage.WON else "",
            loss_reason_code=reason,
        )


def call(handoff: Handoff, rep: User) -> None:
    log_attempt(
        handoff_id=handoff.pk,
        by=rep,
        channel=Attempt.Channel.CALL,
        outcome=Attempt.Outcome.REACHED,
        occurred_at=LATER,
        at=LATER,
    )


def test_lead_cannot_be_lost_before_it_is_qualified(mia: User) -> None:
    handoff = accepted(mia)

    with pytest.raises(IllegalMove):
        advance(handoff, Stage.LOST, reason="competitor")

    handoff.refresh_from_db()
    assert (handoff.is_open, handoff.lead.stage) == (True, "sal")
    page = page_at(f"/leads/{handoff.lead_id}/", mia)
    assert not page.has("[name=to][value=lost]")


@pytest.mark.parametrize("stages", [[Stage.SQL], [Stage.SQL, Stage.OPPORTUNITY]])
@pytest.mark.parametrize("reason", ["", "no_such_reason", "retired"])
def test_lead_is_not_lost_without_an_active_reason(
    mia: User, stages: list[Stage], reason: str
) -> None:
    LossReason.objects.create(code="retired", label="Retired", is_active=False)
    handoff = accepted(mia)
    advance(handoff, *stages)

    with pytest.raises(LossReasonRequired):
        advance(handoff, Stage.LOST, reason=reason)

    handoff.refresh_from_db()
    assert (handoff.is_open, handoff.lead.stage) == (True, stages[-1])


def test_reason_of_a_lost_lead_is_logged_and_shown(mia: User) -> None:
    handoff = accepted(mia)
    advance(handoff, Stage.SQL)
    client = signed_in_as(mia)
    address = f"/handoffs/{handoff.pk}/advance/"

    refused = Page(client.post(address, {"to": "lost"}))
    client.post(address, {"to": "lost", "reason": "competitor"})

    assert refused.texts(".field-error") == ["Choose the reason why the lead is lost."]
    event = LeadEvent.objects.get(kind=EventKind.STAGE_CHANGED, to_stage="lost")
    assert event.payload["reason"] == "competitor"
    page = page_at(f"/leads/{handoff.lead_id}/", mia)
    assert "Lost · Mia Hoffmann Chose a competitor" in page.texts(".timeline-what")


@pytest.mark.parametrize("end", [Stage.WON, Stage.LOST])
def test_first_contact_is_missed_when_a_lead_is_completed_without_one(
    mia: User, end: Stage
) -> None:
    """Before, the clock was void: completing a lead early hid that nobody had contacted it."""
    handoff = accepted(mia)

    advance(handoff, Stage.SQL, Stage.OPPORTUNITY, end, reason="price")

    clock = SlaClock.objects.get(handoff=handoff, kind="first_contact")
    assert (clock.is_met, clock.breached_at, clock.stopped_at) == (False, LATER, LATER)
    assert clock.next_action_at is None
    follow_log(at=LATER)
    assert HandoffMilestones.objects.get(handoff=handoff).contact_sla == "breached"


def test_first_contact_stays_met_when_a_contacted_lead_is_completed(mia: User) -> None:
    handoff = accepted(mia)
    call(handoff, mia)

    advance(handoff, Stage.SQL, Stage.LOST, reason="price")

    assert SlaClock.objects.get(handoff=handoff, kind="first_contact").is_met


def test_rejection_before_the_due_time_voids_the_first_contact(mia: User) -> None:
    handoff = make_handoff()

    reject_handoff(handoff_id=handoff.pk, reason_code="duplicate", by=mia, at=LATER)

    clock = SlaClock.objects.get(handoff=handoff, kind="first_contact")
    assert (clock.is_met, clock.breached_at) == (None, None)


def test_qualified_and_won_leads_without_an_attempt_are_counted(mia: User) -> None:
    for number, stages in enumerate(
        (
            [],
            [Stage.SQL],
            [Stage.SQL, Stage.OPPORTUNITY, Stage.WON],
            [Stage.SQL],
            [Stage.SQL, Stage.OPPORTUNITY, Stage.WON],
        )
    ):
        handoff = accepted(mia)
        if number >= 3:
            call(handoff, mia)
        advance(handoff, *stages)
    follow_log(at=LATER)

    page = page_at(f"/reports/funnel/?{PERIOD}", mia)

    attempted = Attempt.objects.values("lead")
    worked = LeadEvent.objects.filter(kind=EventKind.STAGE_CHANGED)
    for stage, metric, expected in (
        ("sql", "sql_without_attempt", (2, 4)),
        ("won", "won_without_attempt", (1, 2)),
    ):
        reached = worked.filter(to_stage=stage).values("lead").distinct()
        recounted = (reached.exclude(lead__in=attempted).count(), reached.count())
        address = f"/reports/leads/?metric={metric}&{PERIOD}&part="
        listed = tuple(
            len(page_at(f"{address}{part}", mia).all("tbody tr"))
            for part in ("numerator", "denominator")
        )
        assert recounted == listed == expected
        assert f"{expected[0]} of {expected[1]}" in page.html


def test_imported_lead_is_not_counted_as_unsupported() -> None:
    make_lead()
    follow_log(at=LATER)
    LeadMilestones.objects.update(sql_at=LATER, offered_at=None)

    counter = COUNTERS["unsupported_sql"]
    assert not LeadMilestones.objects.filter(counter.where).exists()
    LeadMilestones.objects.update(offered_at=LATER)
    assert LeadMilestones.objects.filter(counter.where).count() == 1


def test_one_loss_reason_stays_active_and_none_is_deleted() -> None:
    keep = LossReason.objects.order_by("pk")[0]
    LossReason.objects.exclude(pk=keep.pk).update(is_active=False)
    keep.is_active = False

    with pytest.raises(ValidationError, match="At least one reason must stay active"):
        keep.full_clean()
    with pytest.raises(ProgrammingError), transaction.atomic():
        keep.delete()
