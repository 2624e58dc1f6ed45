"""An attempt counts when it was made, also if it is logged after the clock or the offer ended."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from handoff.answers.accept import accept_handoff
from handoff.answers.attempts import BadAttempt, log_attempt
from handoff.answers.reject import reject_handoff
from handoff.escalation.sweep import sweep
from handoff.locking import HandoffClosed
from handoff.models import Attempt, Handoff
from handoff.reassignment import reassign
from leads.models import EventKind, LeadEvent
from people.models import Notice, User
from people.roles import Role
from reporting.models import HandoffMilestones
from reporting.queries.reports import REPORTS, run_report
from reporting.queries.scope import Period, Scope
from reporting.rollups.refresh import follow_log
from tests.factories import make_person, make_rep
from tests.handoff.factories import clock_of, make_handoff, make_policy
from tests.people.factories import MONDAY_9AM, make_team

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
CALLED = MONDAY_9AM + 40 * MINUTE
LOGGED = MONDAY_9AM + 70 * MINUTE
NOVEMBER = Scope(Period(date(2026, 11, 1), date(2026, 11, 30)))


def offered(*, owner: User | None = None, reassigns: bool = False, **more: Any) -> Handoff:
    policy = make_policy(
        answer=4 * HOUR, first_contact=HOUR, target_reassigns_on_breach=reassigns, hop_limit=9
    )
    return make_handoff(owner=owner, policy=policy, **more)


def owner_of(handoff: Handoff) -> User:
    assert handoff.owner is not None
    return handoff.owner


def call(handoff: Handoff, *, at: datetime = CALLED, logged: datetime = LOGGED) -> Handoff:
    return log_attempt(
        handoff_id=handoff.pk,
        by=owner_of(handoff),
        channel=Attempt.Channel.CALL,
        outcome=Attempt.Outcome.REACHED,
        occurred_at=at,
        at=logged,
    )


def figures_of(handoff: Handoff) -> tuple[Any, ...]:
    """Return what the reports count of the handoff and of all handoffs together."""
    follow_log(at=MONDAY_9AM + 5 * HOUR)
    row = HandoffMilestones.objects.get(handoff=handoff)
    speed = run_report(REPORTS["speed"], NOVEMBER, "user").rows
    attained = [(rep["contact_sla_met"], rep["contact_sla_ended"]) for rep in speed]
    return (row.first_contact_at, row.contact_sla, row.response_sla, sorted(attained)[-1])


@pytest.mark.parametrize("reassigns", [False, True])
@pytest.mark.parametrize("swept", [False, True])
def test_attempt_in_time_meets_its_clock_whether_or_not_a_sweep_ran(
    swept: bool, reassigns: bool
) -> None:
    handoff = offered(reassigns=reassigns)
    accept_handoff(handoff_id=handoff.pk, by=owner_of(handoff), at=MONDAY_9AM + 5 * MINUTE)
    if swept:
        sweep(at=MONDAY_9AM + 61 * MINUTE)

    call(handoff)

    clock = clock_of(handoff, "first_contact")
    assert (clock.is_met, clock.breached_at, clock.stopped_at) == (True, None, CALLED)
    assert figures_of(handoff) == (CALLED, "met", "met", (1, 1))


def test_corrected_clock_is_marked_in_the_log() -> None:
    handoff = offered()
    sweep(at=MONDAY_9AM + 61 * MINUTE)

    call(handoff)

    met = LeadEvent.objects.get(kind=EventKind.CLOCK_MET)
    assert (met.occurred_at, met.payload["is_corrected"]) == (CALLED, True)


def test_new_owner_is_told_that_contact_was_made() -> None:
    first, second = make_rep(), make_rep()
    handoff = offered(owner=first, team=make_team(first, second), reassigns=True)
    sweep(at=MONDAY_9AM + 61 * MINUTE)
    current = Handoff.objects.open().get()
    assert current.owner == second

    call(handoff)
    call(handoff)

    attempt = Attempt.objects.get()
    assert (attempt.handoff, attempt.lead, attempt.by) == (handoff, handoff.lead, first)
    notice = Notice.objects.get(kind="contact_made")
    assert (notice.recipient, notice.path) == (second, handoff.lead.get_absolute_url())
    assert clock_of(current, "first_contact").stopped_at is None


def test_attempt_before_a_manager_reassigned_the_lead_counts() -> None:
    first, second = make_rep(), make_rep()
    manager = make_person(Role.SALES_MANAGER)
    team = make_team(first, second, manager=manager)
    handoff = offered(owner=first, team=team)
    reassign(handoff_id=handoff.pk, to=second, by=manager, at=MONDAY_9AM + 50 * MINUTE)
    assert clock_of(handoff, "first_contact").is_met is None

    call(handoff)

    assert clock_of(handoff, "first_contact").is_met is True
    assert figures_of(handoff)[:2] == (CALLED, "met")


def test_attempt_before_a_rejection_counts() -> None:
    handoff = offered()
    reject_handoff(
        handoff_id=handoff.pk, reason_code="no_budget", by=owner_of(handoff), at=CALLED + MINUTE
    )

    call(handoff)

    assert figures_of(handoff)[:2] == (CALLED, "met")


def test_earlier_attempt_logged_second_meets_the_clock() -> None:
    handoff = offered()
    call(handoff, at=MONDAY_9AM + 65 * MINUTE)
    assert clock_of(handoff, "first_contact").is_met is False

    call(handoff, logged=LOGGED + MINUTE)

    handoff.refresh_from_db()
    assert handoff.first_contact_at == CALLED
    assert clock_of(handoff, "first_contact").is_met is True
    assert figures_of(handoff) == (CALLED, "met", "", (1, 1))


def test_attempt_after_the_due_time_stays_a_breach() -> None:
    handoff = offered(reassigns=True)
    sweep(at=MONDAY_9AM + 65 * MINUTE)

    call(handoff, at=MONDAY_9AM + 62 * MINUTE)

    assert clock_of(handoff, "first_contact").is_met is False
    assert figures_of(handoff)[:2] == (MONDAY_9AM + 62 * MINUTE, "breached")


def test_attempt_after_the_offer_expired_is_refused() -> None:
    handoff = offered(reassigns=True)
    sweep(at=MONDAY_9AM + 61 * MINUTE)

    with pytest.raises(HandoffClosed, match="^This lead was already expired on "):
        call(handoff, at=MONDAY_9AM + 62 * MINUTE)

    assert not Attempt.objects.exists()
    assert not Notice.objects.filter(kind="contact_made").exists()


def test_attempt_before_the_offer_is_refused() -> None:
    handoff = offered(reassigns=True)
    sweep(at=MONDAY_9AM + 61 * MINUTE)

    with pytest.raises(BadAttempt):
        call(handoff, at=MONDAY_9AM - MINUTE)
