from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import Refused
from handoff.answers.accept import accept_handoff
from handoff.escalation import messages
from handoff.escalation import sweep as sweeping
from handoff.escalation.sweep import sweep
from handoff.models import Escalation, Handoff, SlaClock, SlaPolicy
from handoff.tasks import sweep_clocks
from leads.models import Lead, LeadEvent
from people.models import Absence, Membership, Notice, Team, User
from people.notice_kinds import NoticeDraft
from people.notices import deliver_notices
from tests.factories import make_rep
from tests.handoff.factories import clock_of, last_queue, make_handoff, make_policy
from tests.people.factories import MONDAY_9AM, make_team, make_user
from tests.plans import plans_of, pretend_large
from tests.statements import exactly_statements
from tests.threads import at_once

WARN_AT = MONDAY_9AM + timedelta(hours=3, minutes=12)
DUE = MONDAY_9AM + timedelta(hours=4)
NOTICED = DUE + timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def make_pool_handoff(*colleagues: User, policy: SlaPolicy | None = None) -> tuple[Handoff, Team]:
    """Make an offer to the first rep of a pool with a manager, due at `DUE`."""
    owner = make_rep("Owner")
    team = make_team(owner, *colleagues, manager=make_user("Manager"))
    return make_handoff(owner=owner, team=team, policy=policy), team


def log(lead_id: int) -> list[tuple[str, datetime]]:
    events = LeadEvent.objects.filter(lead=lead_id).exclude(occurred_at=MONDAY_9AM)
    return list(events.order_by("pk").values_list("kind", "occurred_at"))


def steps(handoff: Handoff) -> list[str]:
    taken = Escalation.objects.filter(clock__handoff=handoff)
    return list(taken.order_by("pk").values_list("step", flat=True))


def notices() -> list[tuple[str, str]]:
    """Return the recipient and kind of each notice but that of the first offer."""
    later = Notice.objects.exclude(created_at=MONDAY_9AM)
    return sorted(later.values_list("recipient__name", "kind"))


@pytest.mark.django_db
def test_clock_that_is_not_due_is_left_alone() -> None:
    handoff, _ = make_pool_handoff()

    assert sweep(at=WARN_AT - MINUTE) == 0

    assert log(handoff.lead_id) == []
    assert notices() == []


@pytest.mark.django_db
def test_owner_is_warned_once() -> None:
    handoff, _ = make_pool_handoff()

    assert sweep(at=WARN_AT) == 1
    assert sweep(at=WARN_AT) == 0
    assert sweep(at=DUE - MINUTE) == 0

    clock = clock_of(handoff)
    assert (clock.warned_at, clock.next_action_at) == (WARN_AT, DUE)
    assert log(handoff.lead_id) == [("clock_warned", WARN_AT)]
    assert steps(handoff) == ["warn"]
    assert notices() == [("Owner", "clock_warned")]


@pytest.mark.django_db
def test_late_breach_is_dated_at_its_deadline() -> None:
    handoff, _ = make_pool_handoff(make_rep("Colleague"))

    sweep(at=NOTICED)

    clock = clock_of(handoff)
    assert (clock.breached_at, clock.is_met, clock.stopped_at) == (DUE, False, NOTICED)
    assert log(handoff.lead_id)[0] == ("clock_breached", DUE)


@pytest.mark.django_db
def test_late_offer_goes_to_a_pool_member_with_new_clocks() -> None:
    colleague = make_rep("Colleague")
    handoff, team = make_pool_handoff(colleague)

    sweep(at=NOTICED)

    old, new = Handoff.objects.filter(lead=handoff.lead_id).order_by("pk")
    assert (old.state, old.closed_at) == ("expired", NOTICED)
    assert (new.owner, new.team, new.state, new.hop) == (colleague, team, "offered", 1)
    assert (new.previous, new.policy, new.offered_at) == (old, old.policy, NOTICED)
    assert clock_of(new).due_at == NOTICED + timedelta(hours=4)
    assert Lead.objects.get(pk=handoff.lead_id).owner == colleague
    assert log(handoff.lead_id) == [
        ("clock_breached", DUE),
        ("expired", NOTICED),
        ("routed", NOTICED),
        ("owner_changed", NOTICED),
        ("offered", NOTICED),
    ]
    assert steps(old) == ["tell", "reassign"]
    assert notices() == [
        ("Colleague", "offered"),
        ("Manager", "clock_breached"),
        ("Owner", "clock_breached"),
    ]


@pytest.mark.django_db
def test_escalation_uses_the_round_robin_of_the_pool() -> None:
    colleagues = [make_rep(name) for name in ("One", "Two")]
    handoff, team = make_pool_handoff(*colleagues)
    Membership.objects.filter(team=team).update(balance=0)
    Membership.objects.filter(user=colleagues[1]).update(balance=100)

    sweep(at=NOTICED)

    chosen = Membership.objects.get(team=team, user=colleagues[1])
    assert Lead.objects.get(pk=handoff.lead_id).owner == colleagues[1]
    assert chosen.last_turn_at == NOTICED
    assert sum(Membership.objects.filter(team=team).values_list("balance", flat=True)) == 100


@pytest.mark.django_db
def test_previous_owners_are_skipped_until_the_last_queue() -> None:
    queue = last_queue(manager=make_user("Queue manager"))
    colleague = make_rep("Colleague")
    handoff, _ = make_pool_handoff(colleague)

    sweep(at=NOTICED)
    sweep(at=NOTICED + timedelta(days=1))

    _, second, third = Handoff.objects.filter(lead=handoff.lead_id).order_by("pk")
    lead = Lead.objects.get(pk=handoff.lead_id)
    assert (third.owner, third.queue, third.hop) == (None, queue, 2)
    assert (lead.owner, lead.queue) == (None, queue)
    assert steps(second) == ["tell", "last_queue"]
    assert ("Queue manager", "offered") in notices()


@pytest.mark.django_db
def test_lead_goes_to_the_last_queue_at_the_reassignment_limit() -> None:
    queue = last_queue()
    colleagues = [make_rep(f"Rep {n}") for n in range(5)]
    handoff, _ = make_pool_handoff(*colleagues, policy=make_policy(hop_limit=2))

    for day in range(3):
        sweep(at=NOTICED + timedelta(days=day))

    handoffs = Handoff.objects.filter(lead=handoff.lead_id).order_by("pk")
    assert [handoff.hop for handoff in handoffs] == [0, 1, 2, 3]
    assert [handoff.queue for handoff in handoffs] == [None, None, None, queue]
    assert len({handoff.owner_id for handoff in handoffs}) == 4


@pytest.mark.django_db
def test_unavailable_members_are_skipped() -> None:
    away, gone, full, free = (make_rep(name) for name in ("Away", "Gone", "Full", "Free"))
    handoff, team = make_pool_handoff(make_user("No rep"), away, gone, full, free)
    Absence.objects.create(user=away, starts_at=MONDAY_9AM, ends_at=NOTICED + timedelta(days=1))
    User.objects.filter(pk=gone.pk).update(is_active=False)
    Membership.objects.filter(user=full).update(capacity=1)
    make_handoff(owner=full, team=team, at=NOTICED - MINUTE)

    sweep(at=NOTICED)

    assert Lead.objects.get(pk=handoff.lead_id).owner == free


@pytest.mark.django_db
def test_capacity_holds_within_one_sweep() -> None:
    colleague = make_rep("Colleague")
    handoff, team = make_pool_handoff(colleague)
    for _ in range(3):
        make_handoff(owner=handoff.owner, team=team, policy=handoff.policy)
    Membership.objects.filter(user=colleague).update(capacity=2)

    assert sweep(at=NOTICED) == 4

    held = Handoff.objects.open()
    assert held.filter(owner=colleague).count() == 2
    assert held.filter(queue=last_queue()).count() == 2


@pytest.mark.django_db
def test_late_lead_in_the_last_queue_only_notifies_the_manager() -> None:
    queue = last_queue(manager=make_user("Queue manager"))
    handoff = make_handoff(queue=queue)

    sweep(at=DUE + timedelta(days=1))

    handoff.refresh_from_db()
    assert (handoff.state, handoff.queue) == ("offered", queue)
    assert steps(handoff) == ["tell"]
    assert notices() == [("Queue manager", "clock_breached")]
    assert [kind for kind, _ in log(handoff.lead_id)] == ["clock_breached", "escalated"]
    assert sweep(at=DUE + timedelta(days=2)) == 0


@pytest.mark.django_db
def test_expired_lead_pulled_from_the_last_queue_returns_to_it() -> None:
    queue = last_queue()
    puller = make_rep("Puller")
    Membership.objects.create(team=queue, user=puller)
    handoff = make_handoff(queue=queue, policy=make_policy(first_contact=timedelta(hours=4)))
    accept_handoff(handoff_id=handoff.pk, by=puller, at=MONDAY_9AM + MINUTE)

    sweep(at=NOTICED)

    again = Handoff.objects.open().get(lead=handoff.lead_id)
    assert (again.owner, again.queue, again.hop) == (None, queue, 1)


@pytest.mark.django_db
def test_target_may_notify_without_reassigning() -> None:
    handoff, _ = make_pool_handoff(make_rep(), policy=make_policy(target_reassigns_on_breach=False))

    sweep(at=NOTICED)

    handoff.refresh_from_db()
    assert handoff.state == "offered"
    assert steps(handoff) == ["tell"]
    assert clock_of(handoff).stopped_at is None


@pytest.mark.django_db
def test_answer_stops_a_breached_clock() -> None:
    handoff, _ = make_pool_handoff(policy=make_policy(target_reassigns_on_breach=False))
    sweep(at=NOTICED)

    assert handoff.owner is not None
    accept_handoff(handoff_id=handoff.pk, by=handoff.owner, at=NOTICED + MINUTE)

    clock = clock_of(handoff)
    assert (clock.breached_at, clock.stopped_at) == (DUE, NOTICED + MINUTE)
    assert (clock.is_met, clock.next_action_at) == (False, None)


@pytest.mark.django_db
def test_two_late_clocks_of_a_handoff_reassign_it_once() -> None:
    policy = make_policy(first_contact=timedelta(hours=4, minutes=30))
    handoff, _ = make_pool_handoff(make_rep("Colleague"), policy=policy)

    sweep(at=NOTICED)

    assert Handoff.objects.filter(lead=handoff.lead_id).count() == 2
    assert clock_of(handoff).breached_at == DUE
    assert clock_of(handoff, "first_contact").breached_at == DUE + timedelta(minutes=30)
    assert [kind for kind, _ in log(handoff.lead_id)].count("expired") == 1


@pytest.mark.django_db
def test_other_clock_of_an_expired_handoff_is_void() -> None:
    policy = make_policy(first_contact=timedelta(hours=8))
    handoff, _ = make_pool_handoff(make_rep("Colleague"), policy=policy)

    sweep(at=NOTICED)

    contact = clock_of(handoff, "first_contact")
    assert (contact.stopped_at, contact.breached_at, contact.is_met) == (NOTICED, None, None)


@pytest.mark.django_db
def test_expired_accepted_lead_can_be_accepted_by_the_next_owner() -> None:
    colleague = make_rep("Colleague")
    policy = make_policy(first_contact=timedelta(hours=4))
    handoff, _ = make_pool_handoff(colleague, policy=policy)
    assert handoff.owner is not None
    accept_handoff(handoff_id=handoff.pk, by=handoff.owner, at=MONDAY_9AM + MINUTE)

    sweep(at=NOTICED)
    second = Handoff.objects.open().get(lead=handoff.lead_id)
    accept_handoff(handoff_id=second.pk, by=colleague, at=NOTICED + MINUTE)

    lead = Lead.objects.get(pk=handoff.lead_id)
    assert (lead.owner, lead.stage) == (colleague, "sal")
    assert clock_of(second).is_met is True


@pytest.mark.django_db
def test_answered_offer_is_left_alone() -> None:
    handoff, _ = make_pool_handoff(make_rep())
    assert handoff.owner is not None
    accept_handoff(handoff_id=handoff.pk, by=handoff.owner, at=DUE - MINUTE)

    assert sweep(at=NOTICED) == 0

    assert clock_of(handoff).is_met is True
    assert steps(handoff) == []


@pytest.mark.django_db
def test_warning_at_night_waits_for_business_hours() -> None:
    handoff, _ = make_pool_handoff()
    deliver_notices(at=MONDAY_9AM)
    SlaClock.objects.filter(handoff=handoff).update(
        next_action_at=MONDAY_9AM + timedelta(hours=12), due_at=MONDAY_9AM + timedelta(days=2)
    )

    sweep(at=MONDAY_9AM + timedelta(hours=13))

    assert deliver_notices(at=MONDAY_9AM + timedelta(hours=23)) == 0
    assert deliver_notices(at=MONDAY_9AM + timedelta(days=1)) == 1


@pytest.mark.django_db
def test_clock_that_runs_at_night_notifies_at_night() -> None:
    handoff, _ = make_pool_handoff(
        policy=make_policy(answer=timedelta(hours=10), target_counts_business_time=False)
    )
    deliver_notices(at=MONDAY_9AM)

    sweep(at=MONDAY_9AM + timedelta(hours=9))

    assert Notice.objects.get(kind="clock_warned", recipient=handoff.owner).is_urgent
    assert deliver_notices(at=MONDAY_9AM + timedelta(hours=9)) == 1


@pytest.mark.django_db
def test_failing_clock_is_postponed_and_does_not_stop_the_sweep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad, _ = make_pool_handoff(make_rep())
    good, _ = make_pool_handoff(make_rep())
    real = messages.breached

    def fails_for_bad(clock: SlaClock, *others: int | None) -> Iterator[NoticeDraft]:
        if clock.handoff_id == bad.pk:
            raise ValueError("cannot be told")
        return real(clock, *others)

    monkeypatch.setattr(messages, "breached", fails_for_bad)

    assert sweep(at=NOTICED) == 1

    assert clock_of(good).breached_at == DUE
    assert clock_of(bad).breached_at is None
    assert clock_of(bad).next_action_at == NOTICED + sweeping.POSTPONE
    monkeypatch.undo()
    assert sweep(at=NOTICED + sweeping.POSTPONE) == 1
    assert clock_of(bad).breached_at == DUE


@pytest.mark.django_db
def test_task_sweeps_until_no_clock_is_due() -> None:
    handoffs = [make_pool_handoff(make_rep())[0] for _ in range(2)]

    with time_machine.travel(NOTICED, tick=False):
        sweep_clocks()

    assert [clock_of(handoff).breached_at for handoff in handoffs] == [DUE, DUE]


@pytest.mark.django_db
def test_sweep_of_ten_costs_as_many_statements_as_of_one() -> None:
    owner = make_rep()
    team = make_team(owner, make_rep(), make_rep(), manager=make_user())
    policy = make_policy()
    make_handoff(owner=owner, team=team, policy=policy)
    sweep(at=NOTICED)
    counts = []

    for number in (1, 10):
        SlaClock.objects.update(next_action_at=None)
        for _ in range(number):
            make_handoff(owner=owner, team=team, policy=policy)
        with CaptureQueriesContext(connection) as queries:
            assert sweep(at=NOTICED) == number
        counts.append(len(queries))

    assert counts == [13, 13]


@pytest.mark.django_db
def test_batch_size_limits_a_sweep() -> None:
    for _ in range(5):
        make_pool_handoff(make_rep())

    assert [sweep(at=NOTICED, batch=2) for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.django_db
def test_sweep_costs_one_statement_while_nothing_is_due() -> None:
    make_handoff()

    with exactly_statements(1):
        assert sweep(at=MONDAY_9AM) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("is_prepared", [False, True])
def test_sweep_reads_one_running_clock_while_nothing_is_due(*, is_prepared: bool) -> None:
    make_handoff()
    pretend_large("handoff_slaclock")

    (plan,) = plans_of(lambda: sweep(at=MONDAY_9AM), is_prepared=is_prepared)

    assert "Index Only Scan using clock_running_by_next_action" in plan


@pytest.mark.usefixtures("transactional_db")
def test_killed_sweep_loses_and_repeats_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handoff, _ = make_pool_handoff(make_rep("Colleague"))

    def die(*args: object, **named: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(sweeping, "write_notices", die)
        with pytest.raises(SystemExit):
            sweep(at=NOTICED)
    assert clock_of(handoff).breached_at is None
    assert log(handoff.lead_id) == []

    assert sweep(at=NOTICED) == 1
    assert sweep(at=NOTICED) == 0
    assert len(log(handoff.lead_id)) == 5
    assert len(notices()) == 3


@pytest.mark.slow
@pytest.mark.usefixtures("transactional_db")
def test_two_workers_take_each_step_once() -> None:
    colleagues = [make_rep(f"Rep {n}") for n in range(3)]
    handoff, team = make_pool_handoff(*colleagues)
    for _ in range(29):
        make_handoff(owner=handoff.owner, team=team, policy=handoff.policy)
    swept = at_once(*[lambda: sweep_all(batch=4)] * 2)

    assert sum(swept) == 30
    assert Handoff.objects.filter(state="expired").count() == 30
    assert Handoff.objects.open().count() == 30
    assert Escalation.objects.count() == 60
    assert LeadEvent.objects.filter(kind="clock_breached").count() == 30
    assert [kind for _, kind in notices()].count("offered") == 30
    counts = [Handoff.objects.open().filter(owner=rep).count() for rep in colleagues]
    assert counts == [10, 10, 10]


@pytest.mark.usefixtures("transactional_db")
def test_answer_and_sweep_at_once_have_one_outcome() -> None:
    handoffs = [make_pool_handoff(make_rep())[0] for _ in range(8)]

    def answer() -> int:
        answered = 0
        for handoff in handoffs:
            assert handoff.owner is not None
            try:
                accept_handoff(handoff_id=handoff.pk, by=handoff.owner, at=NOTICED)
            except Refused:
                continue
            answered += 1
        return answered

    answered, _ = at_once(answer, lambda: sweep_all(batch=2))

    accepted = Handoff.objects.filter(state="accepted").count()
    expired = Handoff.objects.filter(state="expired").count()
    assert accepted == answered
    assert accepted + expired == 8
    for clock in SlaClock.objects.filter(handoff__in=handoffs, kind="answer"):
        assert clock.breached_at == DUE
        assert clock.stopped_at == NOTICED
    assert LeadEvent.objects.filter(kind="clock_breached").count() == 8


def sweep_all(*, batch: int) -> int:
    """Until nothing is due; a row that another worker holds comes up again."""
    done = 0
    while SlaClock.objects.filter(stopped_at=None, next_action_at__lte=NOTICED).exists():
        done += sweep(at=NOTICED, batch=batch)
    return done
