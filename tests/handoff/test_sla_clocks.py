from datetime import UTC, date, datetime, timedelta

import pytest

from core.unit_of_work import UnitOfWork
from handoff.models import Handoff, SlaClock, SlaPolicy
from handoff.sla.clocks import cancel_clocks, plan_clocks, stop_clocks
from handoff.sla.explain import explain_deadline
from handoff.sla.policy import policy_of
from leads.models import EventKind, LeadEvent
from people.calendars import edition_for
from people.models import ClosedDay
from people.worktime import CLOSED, WORKING, Span
from tests.factories import make_rep
from tests.handoff.factories import clock_of, make_handoff, make_policy
from tests.people.factories import MONDAY_9AM, make_team, make_user

pytestmark = pytest.mark.django_db

DUE = MONDAY_9AM + timedelta(hours=4)
MINUTE = timedelta(minutes=1)


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def log(handoff: Handoff) -> list[tuple[str, datetime]]:
    events = LeadEvent.objects.filter(lead=handoff.lead_id, kind__startswith="clock_")
    events = events.order_by("pk")
    return list(events.values_list("kind", "occurred_at"))


def stop(handoff: Handoff, event: EventKind, at: datetime) -> SlaClock:
    work = UnitOfWork()
    stop_clocks(work, SlaClock.objects.filter(handoff=handoff), event, at=at)
    work.write()
    return clock_of(handoff)


def test_clock_counts_the_working_time_of_its_calendar() -> None:
    edition_id = make_team(make_user()).calendar.current_edition_id
    policy = policy_of(make_policy(answer=timedelta(hours=10)).pk)

    [clock] = plan_clocks(
        policy, lead_type_id=None, temperature="hot", edition_id=edition_id, at=MONDAY_9AM
    )

    assert clock.calendar_id == edition_id
    assert clock.warn_at == utc(2, 17)
    assert clock.due_at == utc(3, 10)


def test_target_without_business_hours_needs_no_calendar() -> None:
    policy = policy_of(
        make_policy(answer=timedelta(hours=10), target_counts_business_time=False).pk
    )

    [clock] = plan_clocks(policy, lead_type_id=None, temperature="hot", edition_id=1, at=MONDAY_9AM)

    assert clock.calendar_id is None
    assert clock.due_at == utc(2, 19)


def test_clock_stopped_in_time_is_met() -> None:
    handoff = make_handoff()

    clock = stop(handoff, EventKind.ACCEPTED, DUE - MINUTE)

    assert (clock.is_met, clock.breached_at, clock.stopped_at) == (True, None, DUE - MINUTE)
    assert clock.next_action_at is None
    assert log(handoff) == [("clock_met", DUE - MINUTE)]


def test_clock_stopped_late_is_breached_at_its_due_time() -> None:
    handoff = make_handoff()

    clock = stop(handoff, EventKind.ACCEPTED, DUE + MINUTE)

    assert (clock.is_met, clock.breached_at, clock.stopped_at) == (False, DUE, DUE + MINUTE)
    assert log(handoff) == [("clock_breached", DUE)]


def test_stopping_one_kind_leaves_the_other_running() -> None:
    handoff = make_handoff(policy=make_policy(first_contact=timedelta(hours=8)))

    stop(handoff, EventKind.ACCEPTED, MONDAY_9AM + MINUTE)

    assert clock_of(handoff, "first_contact").stopped_at is None


def test_stopped_clock_is_not_stopped_again() -> None:
    handoff = make_handoff()
    stop(handoff, EventKind.ACCEPTED, DUE - MINUTE)

    clock = stop(handoff, EventKind.ACCEPTED, DUE + MINUTE)

    assert (clock.is_met, clock.stopped_at) == (True, DUE - MINUTE)
    assert log(handoff) == [("clock_met", DUE - MINUTE)]


def test_canceling_voids_open_clocks_and_breaches_due_ones() -> None:
    policy = make_policy(first_contact=timedelta(hours=8))
    handoff = make_handoff(policy=policy)
    work = UnitOfWork()

    cancel_clocks(work, SlaClock.objects.filter(handoff=handoff), at=DUE + MINUTE)
    work.write()

    answer, contact = clock_of(handoff), clock_of(handoff, "first_contact")
    assert (answer.is_met, answer.breached_at, answer.stopped_at) == (False, DUE, DUE + MINUTE)
    assert (contact.is_met, contact.breached_at, contact.stopped_at) == (None, None, DUE + MINUTE)
    assert log(handoff) == [("clock_breached", DUE)]


def test_explanation_covers_all_time_until_due() -> None:
    handoff = make_handoff(at=utc(6, 16))

    explanation = explain_deadline(clock_of(handoff))

    assert explanation.due_at == utc(9, 11)
    assert explanation.spans == [
        Span(utc(6, 16), utc(6, 18), True, WORKING),
        Span(utc(6, 18), utc(9, 9), False, CLOSED),
        Span(utc(9, 9), utc(9, 11), True, WORKING),
    ]


def test_new_closed_day_affects_only_later_clocks() -> None:
    rep = make_rep()
    team = make_team(rep)
    policy = make_policy()
    before = make_handoff(owner=rep, team=team, policy=policy, at=utc(6, 16))
    ClosedDay.objects.create(calendar=team.calendar, day=date(2026, 11, 9), name="Founders' day")
    edition_for(team.calendar, at=MONDAY_9AM)

    after = make_handoff(owner=rep, team=team, policy=policy, at=utc(6, 16))

    assert (
        clock_of(before).due_at == explain_deadline(clock_of(before)).spans[-1].ends == utc(9, 11)
    )
    assert clock_of(after).due_at == explain_deadline(clock_of(after)).spans[-1].ends == utc(10, 11)
    assert "Founders' day" in [span.reason for span in explain_deadline(clock_of(after)).spans]
    assert "Founders' day" not in [span.reason for span in explain_deadline(clock_of(before)).spans]


def test_new_policy_version_leaves_running_deadlines() -> None:
    policy = make_policy()
    handoff = make_handoff(policy=policy)
    SlaPolicy.objects.filter(pk=policy.pk).update(status="retired")
    make_policy(answer=timedelta(minutes=5))

    clock = clock_of(handoff)

    assert clock.due_at == DUE
    assert clock.target.policy == policy
    assert explain_deadline(clock).within == timedelta(hours=4)
