"""A contact who sends a new request while sales has the lead is heard."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.invariants import Violation
from handoff.answers.accept import accept_handoff
from handoff.answers.attempts import log_attempt
from handoff.clock_kinds import NEW_REQUEST
from handoff.escalation.sweep import sweep
from handoff.invariants import CHECKS
from handoff.models import Attempt, Handoff, SlaClock, SlaPolicy
from handoff.notice_topics import new_request_topics
from handoff.pipeline import receive, receive_many
from leads.models import ContextCard, EventKind, LeadEvent
from people.models import Absence, Notice, Team, User
from people.roles import Role
from tests.factories import (
    make_handoff,
    make_person,
    make_pool,
    make_queue,
    make_rep,
    make_touch,
    owner_of,
    request_again,
)
from tests.handoff.factories import clock_of, make_policy
from tests.handoff.factories import make_handoff as make_handoff_under
from tests.people.factories import MONDAY_9AM, make_team
from tests.statements import exactly_statements
from workspace.lead.clock_status import clock_statuses

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
AGAIN = MONDAY_9AM + 9 * DAY


@pytest.fixture
def manager() -> User:
    return make_person(Role.SALES_MANAGER, "Tom Berger")


@pytest.fixture
def team(manager: User) -> Team:
    return make_pool(make_rep("Mia Kern"), make_rep("Jon Frei"), manager=manager)


@pytest.fixture
def worked(team: Team) -> Handoff:
    """Return a handoff that its owner accepted and called."""
    handoff = make_handoff()
    accept_handoff(handoff_id=handoff.pk, by=owner_of(handoff), at=MONDAY_9AM)
    call(handoff, MONDAY_9AM)
    return handoff


def call(handoff: Handoff, at: datetime, *, logged: datetime | None = None) -> None:
    log_attempt(
        handoff_id=handoff.pk,
        by=owner_of(handoff),
        channel=Attempt.Channel.CALL,
        outcome=Attempt.Outcome.REACHED,
        occurred_at=at,
        at=logged or at,
    )


def requests_clock(handoff: Handoff) -> SlaClock:
    return clock_of(handoff, NEW_REQUEST.code)


def heard() -> list[tuple[str, str]]:
    notices = Notice.objects.filter(kind="new_request").order_by("pk")
    return [(str(notice.recipient), notice.subject) for notice in notices]


def violations(at: datetime) -> dict[str, list[Violation]]:
    checked = {name: list(check(at)) for name, check in CHECKS.items()}
    return {name: rows for name, rows in checked.items() if rows}


def test_second_demo_request_notifies_the_owner_and_starts_a_clock(worked: Handoff) -> None:
    """N4: before, no one was notified, and nothing ran."""
    receipt = request_again(worked.lead, at=AGAIN, stated_problem="We decide on Friday.")

    worked.refresh_from_db()
    assert (receipt.lead_id, receipt.handoff_id) == (worked.lead_id, None)
    assert (worked.new_request_at, worked.new_request_contacted_at) == (AGAIN, None)
    assert heard() == [(str(worked.owner), "One of your leads sent a new request")]
    notice = Notice.objects.get(kind="new_request")
    assert notice.body == "Demo request. Contact them and log the attempt."
    assert (notice.path, notice.deliver_at) == (worked.lead.get_absolute_url(), AGAIN)
    clock = requests_clock(worked)
    assert (clock.started_at, clock.stopped_at) == (AGAIN, None)
    assert clock.due_at - AGAIN == timedelta(minutes=clock.target.within_minutes)
    event = LeadEvent.objects.get(kind=EventKind.NEW_REQUEST)
    assert event.payload["handoff"] == worked.pk
    card = ContextCard.objects.get(lead=worked.lead)
    assert card.why_now == "Demo request on Nov 11, 2026, while sales has the lead."
    assert violations(AGAIN) == {}


@pytest.mark.parametrize("kind", ["quote_request", "consultation_request"])
def test_every_buying_signal_is_a_request(worked: Handoff, kind: str) -> None:
    request_again(worked.lead, at=AGAIN, kind=kind, lead_type="")

    assert len(heard()) == 1


def test_other_touches_are_not_heard(worked: Handoff) -> None:
    request_again(worked.lead, at=AGAIN, kind="content_download", lead_type="download")

    assert heard() == []
    assert not SlaClock.objects.filter(kind=NEW_REQUEST.code).exists()


def test_double_click_is_heard_once(worked: Handoff) -> None:
    request_again(worked.lead, at=AGAIN)
    request_again(worked.lead, at=AGAIN + timedelta(seconds=2))

    assert len(heard()) == 1


def test_offered_lead_is_heard_too(team: Team) -> None:
    handoff = make_handoff()

    request_again(handoff.lead, at=MONDAY_9AM + HOUR)

    assert len(heard()) == 1
    assert requests_clock(handoff).started_at == MONDAY_9AM + HOUR


def test_third_request_notifies_and_does_not_restart_the_clock(worked: Handoff) -> None:
    request_again(worked.lead, at=AGAIN)
    request_again(worked.lead, at=AGAIN + HOUR / 2)

    assert len(heard()) == 2
    assert requests_clock(worked).started_at == AGAIN
    worked.refresh_from_db()
    assert worked.new_request_at == AGAIN


def test_next_attempt_meets_the_clock(worked: Handoff) -> None:
    request_again(worked.lead, at=AGAIN)

    call(worked, AGAIN + timedelta(minutes=20))

    worked.refresh_from_db()
    clock = requests_clock(worked)
    assert (clock.is_met, clock.stopped_at) == (True, AGAIN + timedelta(minutes=20))
    assert worked.new_request_contacted_at == clock.stopped_at
    assert worked.first_contact_at == MONDAY_9AM
    assert violations(AGAIN + HOUR) == {}


def test_attempt_before_the_request_does_not_meet_the_clock(worked: Handoff) -> None:
    request_again(worked.lead, at=AGAIN)

    call(worked, AGAIN - HOUR, logged=AGAIN + timedelta(minutes=20))

    assert requests_clock(worked).stopped_at is None


def test_attempt_logged_late_meets_the_breached_clock(worked: Handoff) -> None:
    request_again(worked.lead, at=AGAIN)
    called = AGAIN + timedelta(minutes=10)
    SlaClock.objects.filter(kind=NEW_REQUEST.code).update(breached_at=AGAIN + HOUR, is_met=False)

    call(worked, called, logged=AGAIN + 3 * HOUR)

    clock = requests_clock(worked)
    assert (clock.is_met, clock.breached_at, clock.stopped_at) == (True, None, called)


def test_earlier_of_two_late_entries_counts(worked: Handoff) -> None:
    request_again(worked.lead, at=AGAIN)
    due_at = requests_clock(worked).due_at
    call(worked, due_at + HOUR)
    assert requests_clock(worked).is_met is False

    call(worked, AGAIN + timedelta(minutes=5), logged=due_at + 2 * HOUR)

    worked.refresh_from_db()
    assert requests_clock(worked).is_met is True
    assert worked.new_request_contacted_at == AGAIN + timedelta(minutes=5)


def test_request_that_arrived_after_the_call_about_it_starts_nothing(worked: Handoff) -> None:
    call(worked, AGAIN)
    touch = make_touch(email=worked.lead.contact.email, occurred_at=AGAIN - HOUR)

    receive(touch, at=AGAIN + HOUR, via="csv")

    worked.refresh_from_db()
    assert (worked.new_request_at, worked.new_request_contacted_at) == (AGAIN - HOUR, AGAIN)
    assert not SlaClock.objects.filter(kind=NEW_REQUEST.code).exists()
    assert heard() == []


def test_request_after_an_answered_one_starts_another_clock(worked: Handoff) -> None:
    request_again(worked.lead, at=AGAIN)
    late = requests_clock(worked).due_at + HOUR
    call(worked, late)

    request_again(worked.lead, at=AGAIN + 7 * DAY)

    first, second = SlaClock.objects.filter(kind=NEW_REQUEST.code).order_by("pk")
    assert (first.stopped_at, first.is_met) == (late, False)
    assert (second.started_at, second.stopped_at) == (AGAIN + 7 * DAY, None)
    states = [status.state for status in clock_statuses([first, second], at=AGAIN + 7 * DAY)]
    assert states == ["late", "running"]


def test_request_is_warned_breached_and_escalated(manager: User) -> None:
    first, second = make_rep(), make_rep()
    team = make_team(first, second, manager=manager)
    policy = make_policy(answer=4 * HOUR, new_request=HOUR)
    handoff = make_handoff_under(owner=first, team=team, policy=policy)
    accept_handoff(handoff_id=handoff.pk, by=first, at=MONDAY_9AM)
    call(handoff, MONDAY_9AM)
    request_again(handoff.lead, at=AGAIN)
    clock = requests_clock(handoff)

    sweep(at=clock.warn_at)
    sweep(at=clock.due_at)

    subjects = dict(Notice.objects.values_list("kind", "subject"))
    assert subjects["clock_warned"].startswith("New request due Wed")
    assert subjects["clock_breached"] == "New request overdue"
    assert Handoff.objects.open().get().owner == second
    assert violations(clock.due_at) == {}


def test_policy_without_a_target_uses_that_of_first_contact() -> None:
    rep = make_rep()
    policy = make_policy(answer=HOUR, first_contact=2 * HOUR)
    handoff = make_handoff_under(owner=rep, policy=policy)
    accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM)

    request_again(handoff.lead, at=AGAIN)

    clock = requests_clock(handoff)
    assert (clock.target.clock, clock.due_at) == ("first_contact", AGAIN + 2 * HOUR)
    SlaClock.objects.filter(pk=clock.pk).update(stopped_at=AGAIN)
    [violation] = violations(AGAIN)["every SLA target that is owed has a running clock"]
    assert "new request" in str(violation)


def test_new_installation_has_a_target_as_for_first_contact() -> None:
    for policy in SlaPolicy.objects.all():
        minutes = {
            clock: set(
                policy.targets.filter(clock=clock).values_list(
                    "temperature", "within_minutes", "counts_business_time"
                )
            )
            for clock in ("first_contact", NEW_REQUEST.code)
        }
        assert minutes[NEW_REQUEST.code] == minutes["first_contact"] != set()


def test_managers_are_notified_while_the_owner_is_away(worked: Handoff, manager: User) -> None:
    Absence.objects.create(user=owner_of(worked), starts_at=AGAIN - DAY, ends_at=AGAIN + DAY)

    request_again(worked.lead, at=AGAIN)

    assert heard() == [(str(manager), f"A lead of {worked.owner} sent a new request")]
    assert f"{worked.owner} is away." in Notice.objects.get(kind="new_request").body
    assert requests_clock(worked).stopped_at is None


@pytest.mark.parametrize("is_away", [False, True])
def test_members_of_a_queue_are_notified_or_else_its_manager(
    manager: User, *, is_away: bool
) -> None:
    member = make_rep()
    make_queue(member, name="Inbound", manager=manager)
    handoff = make_handoff()
    if is_away:
        Absence.objects.create(user=member, starts_at=MONDAY_9AM, ends_at=MONDAY_9AM + DAY)

    request_again(handoff.lead, at=MONDAY_9AM + HOUR)

    notified = str(manager if is_away else member)
    assert heard() == [(notified, "A lead in the Inbound queue sent a new request")]
    assert requests_clock(handoff).stopped_at is None


def test_lead_of_an_owner_who_left_is_reassigned_in_the_same_act(
    worked: Handoff, team: Team, manager: User
) -> None:
    owner = owner_of(worked)
    User.objects.filter(pk=owner.pk).update(is_active=False)

    receipt = request_again(worked.lead, at=AGAIN)

    new = Handoff.objects.open().get(lead=worked.lead)
    assert receipt.handoff_id == new.pk
    assert (new.owner, new.previous) == (team.members.exclude(pk=owner.pk).get(), worked)
    assert new.decision is not None
    assert new.decision.because.startswith(f"{owner} has left. ")
    assert new.clocks.filter(stopped_at=None).count() == 2
    assert heard() == []
    [notice] = Notice.objects.filter(kind="leads_reassigned")
    assert (notice.recipient, notice.subject) == (
        manager,
        f"1 lead was reassigned: {owner} has left",
    )
    assert violations(AGAIN) == {}


def test_requests_of_a_batch_are_heard_once_each(team: Team) -> None:
    first, second = make_handoff(), make_handoff()
    again = [
        make_touch(email=lead.contact.email, occurred_at=at, campaign="")
        for lead, at in [(first.lead, AGAIN), (second.lead, AGAIN), (first.lead, AGAIN + HOUR)]
    ]

    receive_many(again, at=AGAIN + HOUR, via="csv")

    assert SlaClock.objects.filter(kind=NEW_REQUEST.code, stopped_at=None).count() == 2
    assert len(heard()) == 3


def test_notice_is_outdated_once_the_contact_was_called(worked: Handoff) -> None:
    request_again(worked.lead, at=AGAIN)
    notice = Notice.objects.get(kind="new_request")
    before = new_request_topics([notice], MONDAY_9AM)[notice.pk]
    assert (before.is_current, before.detail) == (True, "Demo request")

    call(worked, AGAIN + timedelta(minutes=5))

    assert not new_request_topics([notice], MONDAY_9AM)[notice.pk].is_current


def test_request_at_night_waits_for_opening_hours_unless_the_target_does_not() -> None:
    night = AGAIN.replace(hour=23)
    handoffs = []
    for counts in (True, False):
        policy = make_policy(new_request=HOUR, target_counts_business_time=counts)
        handoffs.append(make_handoff_under(policy=policy))

    for handoff in handoffs:
        request_again(handoff.lead, at=night)

    quiet, urgent = Notice.objects.filter(kind="new_request").order_by("pk")
    assert (quiet.is_urgent, urgent.is_urgent) == (False, True)
    assert urgent.deliver_at == night


def test_request_costs_five_statements_more(worked: Handoff) -> None:
    with exactly_statements(8):
        request_again(worked.lead, at=AGAIN)


def test_request_of_which_no_one_was_notified_violates_an_invariant(worked: Handoff) -> None:
    request_again(worked.lead, at=AGAIN)
    Notice.objects.filter(kind="new_request").delete()

    [violation] = violations(AGAIN)["someone was notified of every new request that waits"]

    assert violation == Violation(
        f"lead {worked.lead_id}", "no one was notified of its new request"
    )
