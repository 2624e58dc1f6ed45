"""Leads that wait because no one was available are offered first."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest

from handoff import waiting
from handoff.answers.accept import accept_handoff
from handoff.answers.reject import reject_handoff
from handoff.configuration import configuration
from handoff.escalation.sweep import sweep
from handoff.models import Handoff, RoutingDecision, RoutingRule, RuleSet, SlaClock
from handoff.routing import publishing
from handoff.waiting import (
    TURN,
    leads_to_look_at,
    offer_waiting_lead,
    offer_waiting_leads,
)
from leads.models import EventKind, Lead, LeadEvent
from people.models import Absence, Membership, Team, User
from tests.factories import (
    make_handoff,
    make_pool,
    make_queue,
    make_rep,
    route_everything_to,
)
from tests.handoff.factories import last_queue
from tests.people.factories import MONDAY_9AM, make_calendar, make_team
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
# A request that is warm, not hot.
COLDER = {"kind": "pricing_download", "lead_type": "download"}
reject = partial(reject_handoff, reason_code="bad_timing")


def limit(rep: User, capacity: int | None = 1) -> None:
    Membership.objects.filter(user=rep).update(capacity=capacity)


@pytest.fixture
def rep() -> User:
    return make_rep("Mia Kern")


@pytest.fixture
def queue() -> Team:
    return make_team(make_rep("Jon Frei"), name="Backup")


@pytest.fixture
def pool(rep: User, queue: Team) -> Team:
    """Return a pool of one rep who takes one lead at a time; others wait in the backup queue."""
    pool = make_team(rep)
    limit(rep)
    route_everything_to(pool, when_nobody="queue", fallback_queue=queue)
    return pool


def owner_after(handoff: Handoff) -> User | None:
    """Return who has the lead of an earlier handoff now."""
    return Handoff.objects.open().get(lead=handoff.lead_id).owner


def test_oldest_waiting_lead_is_offered_when_a_rep_is_free_again(
    pool: Team, queue: Team, rep: User
) -> None:
    first, second = make_handoff(), make_handoff(at=MONDAY_9AM + MINUTE)
    third = make_handoff(at=MONDAY_9AM + 2 * MINUTE)
    assert (first.owner, second.queue, third.queue) == (rep, queue, queue)
    at = MONDAY_9AM + 10 * MINUTE
    assert offer_waiting_leads(at=at) == 0

    reject(handoff_id=first.pk, by=rep, at=at)
    count = offer_waiting_leads(at=at)

    assert count == 1
    assert owner_after(second) == rep
    assert owner_after(third) is None
    second.refresh_from_db()
    assert (second.state, second.closed_at) == (Handoff.State.WITHDRAWN, at)
    again = Handoff.objects.open().get(lead=second.lead)
    assert (again.previous, again.hop, again.waits_for) == (second, 0, None)


def test_offer_says_since_when_the_lead_waited(pool: Team, rep: User) -> None:
    first, second = make_handoff(), make_handoff(at=MONDAY_9AM + MINUTE)
    reject(handoff_id=first.pk, by=rep, at=MONDAY_9AM + 2 * MINUTE)

    offer_waiting_leads(at=MONDAY_9AM + 3 * MINUTE)

    decision = RoutingDecision.objects.filter(lead=second.lead).latest("pk")
    assert decision.because.startswith(
        "Waited since Nov 2, 2026, 9:01 AM (UTC) because no one was available. "
        "Assigned to Mia Kern by the rule"
    )
    log = list(LeadEvent.objects.filter(lead=second.lead).order_by("pk"))[-4:]
    assert [event.kind for event in log] == [
        EventKind.WITHDRAWN,
        EventKind.ROUTED,
        EventKind.OWNER_CHANGED,
        EventKind.OFFERED,
    ]
    assert log[0].payload["cause"] == "available"


def test_new_lead_does_not_overtake_a_waiting_one(pool: Team, queue: Team, rep: User) -> None:
    first, second = make_handoff(), make_handoff(at=MONDAY_9AM + MINUTE)
    reject(handoff_id=first.pk, by=rep, at=MONDAY_9AM + 2 * MINUTE)

    third = make_handoff(at=MONDAY_9AM + 3 * MINUTE)

    assert (third.owner, third.queue, third.waits_for) == (None, queue, [pool.pk])
    trace = RoutingDecision.objects.get(lead=third.lead).trace
    assert trace["rules"][0]["people"][0]["excluded"] == "next for a lead that waits"
    assert offer_waiting_leads(at=MONDAY_9AM + 3 * MINUTE) == 1
    assert owner_after(second) == rep


def test_hot_lead_goes_before_an_older_one(pool: Team, rep: User) -> None:
    """Hot leads are to be contacted within an hour."""
    first = make_handoff()
    warm = make_handoff(at=MONDAY_9AM + MINUTE, **COLDER)
    hot = make_handoff(at=MONDAY_9AM + 2 * MINUTE)
    assert (warm.temperature, hot.temperature) == ("warm", "hot")

    reject(handoff_id=first.pk, by=rep, at=MONDAY_9AM + 3 * MINUTE)
    offer_waiting_leads(at=MONDAY_9AM + 3 * MINUTE)

    assert (owner_after(warm), owner_after(hot)) == (None, rep)


def test_new_hot_lead_is_offered_while_a_colder_one_waits(pool: Team, rep: User) -> None:
    first = make_handoff()
    make_handoff(at=MONDAY_9AM + MINUTE, **COLDER)
    reject(handoff_id=first.pk, by=rep, at=MONDAY_9AM + 2 * MINUTE)

    assert make_handoff(at=MONDAY_9AM + 2 * MINUTE).owner == rep


def test_waiting_lead_that_a_rep_declined_does_not_hold_up_others(
    pool: Team, queue: Team, rep: User
) -> None:
    """The rep could not get it, so new leads are offered to them as before."""
    limit(rep, 2)
    declined = make_handoff()
    Handoff.objects.filter(pk=declined.pk).update(state=Handoff.State.EXPIRED, closed_at=MONDAY_9AM)
    Handoff.objects.create(
        lead=declined.lead,
        queue=queue,
        team=queue,
        offered_at=MONDAY_9AM,
        policy=declined.policy,
        waits_for=[pool.pk],
        waits_since=MONDAY_9AM,
        waits_as_hot=True,
    )

    assert make_handoff(at=MONDAY_9AM + MINUTE).owner == rep
    assert offer_waiting_leads(at=MONDAY_9AM + MINUTE) == 0


def give_time_off(rep: User) -> None:
    end = MONDAY_9AM + timedelta(hours=2)
    Absence.objects.create(user=rep, starts_at=MONDAY_9AM, ends_at=end)


def close_the_office(rep: User) -> None:
    rule_with_hours(rep)
    rep.calendar = make_calendar((time(11), time(18)))
    rep.save()


def rule_with_hours(rep: User) -> None:
    pool, queue = Team.objects.get(members=rep), Team.objects.get(name="Backup")
    route_everything_to(
        pool, when_nobody="queue", fallback_queue=queue, requires_working_hours=True
    )


@pytest.mark.parametrize("make_unavailable", [give_time_off, close_the_office])
def test_leads_are_offered_in_order_once_their_rep_works_again(
    pool: Team, rep: User, make_unavailable: Callable[[User], None]
) -> None:
    """After time off, and when business hours begin."""
    make_unavailable(rep)
    first, second = make_handoff(), make_handoff(at=MONDAY_9AM + MINUTE)
    assert (first.owner, second.owner) == (None, None)

    assert offer_waiting_leads(at=MONDAY_9AM + timedelta(minutes=119)) == 0
    assert offer_waiting_leads(at=MONDAY_9AM + timedelta(minutes=120)) == 1

    assert (owner_after(first), owner_after(second)) == (rep, None)


def test_raised_capacity_takes_waiting_leads(pool: Team, rep: User) -> None:
    make_handoff()
    waiting = [make_handoff(at=MONDAY_9AM + number * MINUTE) for number in range(1, 4)]

    limit(rep, 3)
    offer_waiting_leads(at=MONDAY_9AM + 9 * MINUTE)

    assert [owner_after(handoff) for handoff in waiting] == [rep, rep, None]


def test_new_member_of_an_empty_pool_gets_the_waiting_lead(queue: Team) -> None:
    pool = make_team()
    route_everything_to(pool, when_nobody="queue", fallback_queue=queue)
    waiting = make_handoff()

    joins = make_rep()
    Membership.objects.create(team=pool, user=joins)
    offer_waiting_leads(at=MONDAY_9AM + MINUTE)

    assert owner_after(waiting) == joins


def add_rule(rule_set: RuleSet, pool: Team) -> None:
    """Publish a second pool for all leads, behind the first."""
    draft = publishing.copy_to_draft(rule_set)
    draft.rules.filter(target="queue").update(position=9)
    RoutingRule.objects.create(rule_set=draft, position=5, name="More", target="pool", team=pool)
    publishing.publish(rule_set=draft, by=None, at=MONDAY_9AM, allow_unstaffed=True)


def test_lead_of_two_pools_goes_to_whichever_is_free(queue: Team) -> None:
    """No one was available by either rule, so the last rule put it into its queue."""
    busy, other = make_rep(), make_rep()
    pools = [make_team(busy), make_team(other)]
    Membership.objects.update(capacity=0)
    add_rule(route_everything_to(pools[0]), pools[1])
    waiting = make_handoff()
    assert waiting.waits_for == [pools[0].pk, pools[1].pk]

    limit(other)
    offer_waiting_leads(at=MONDAY_9AM + MINUTE)

    assert owner_after(waiting) == other


def test_lead_of_an_absent_account_owner_is_offered_on_their_return(queue: Team) -> None:
    owner = make_rep()
    make_team(owner)
    end = MONDAY_9AM + timedelta(hours=1)
    Absence.objects.create(user=owner, starts_at=MONDAY_9AM, ends_at=end)
    draft = publishing.copy_to_draft(route_everything_to(queue, target="queue"))
    draft.rules.filter(position=1).update(
        target="person", person=owner, team=None, when_nobody="queue", fallback_queue=queue
    )
    publishing.publish(rule_set=draft, by=None, at=MONDAY_9AM, allow_unstaffed=True)
    waiting = make_handoff()
    assert (waiting.queue, waiting.waits_for) == (queue, [])

    assert offer_waiting_leads(at=end - MINUTE) == 0
    assert offer_waiting_leads(at=end) == 1

    assert owner_after(waiting) == owner


def test_lead_of_an_absent_company_rep_is_offered_on_their_return(queue: Team) -> None:
    colleague, end = make_rep(), MONDAY_9AM + timedelta(hours=1)
    make_pool(colleague)
    kontor: dict[str, Any] = {"domain": "kontor.example", "company": "Kontor"}
    make_handoff(**kontor)
    Absence.objects.create(user=colleague, starts_at=MONDAY_9AM, ends_at=end)
    draft = publishing.copy_to_draft(route_everything_to(queue, target="queue"))
    draft.rules.filter(position=1).update(
        target="company_rep", team=None, when_nobody="queue", fallback_queue=queue
    )
    publishing.publish(rule_set=draft, by=None, at=MONDAY_9AM, allow_unstaffed=True)
    waiting = make_handoff(**kontor)
    assert (waiting.queue, waiting.waits_for) == (queue, [])

    assert offer_waiting_leads(at=end) == 1

    assert owner_after(waiting) == colleague


def test_queue_that_a_rule_names_keeps_its_leads() -> None:
    rep = make_rep()
    queue = make_queue(rep)
    waiting = make_handoff()
    route_everything_to(queue)

    assert offer_waiting_leads(at=MONDAY_9AM + MINUTE) == 0

    assert (waiting.waits_for, owner_after(waiting)) == (None, None)


def test_lead_that_a_member_pulled_is_left_to_them(pool: Team, queue: Team, rep: User) -> None:
    make_handoff()
    waiting = make_handoff()
    puller = queue.members.get()
    accept_handoff(handoff_id=waiting.pk, by=puller, at=MONDAY_9AM + MINUTE)

    limit(rep, 5)

    assert offer_waiting_leads(at=MONDAY_9AM + MINUTE) == 0
    assert owner_after(waiting) == puller


def test_waiting_lead_that_is_late_in_its_queue_still_waits(pool: Team, rep: User) -> None:
    """No one in the queue answered in time, and no one there is available either."""
    make_handoff()
    waiting = make_handoff()
    Membership.objects.exclude(user=rep).update(capacity=0)
    sweep(at=MONDAY_9AM + timedelta(hours=2))
    moved = Handoff.objects.open().get(lead=waiting.lead_id)
    assert (moved.queue, moved.waits_for) == (last_queue(), [pool.pk])

    offer_waiting_leads(at=MONDAY_9AM + timedelta(hours=3))

    assert owner_after(waiting) == rep


def test_waiting_lead_keeps_its_wait_and_gets_clocks_of_its_new_owner(
    pool: Team, rep: User
) -> None:
    first, waiting = make_handoff(), make_handoff(at=MONDAY_9AM + MINUTE)
    at = MONDAY_9AM + 5 * MINUTE
    reject(handoff_id=first.pk, by=rep, at=at)
    offer_waiting_leads(at=at)

    old = SlaClock.objects.filter(handoff=waiting)
    assert set(old.values_list("stopped_at", "breached_at", "is_met")) == {(at, None, None)}
    new = SlaClock.objects.filter(lead=waiting.lead, stopped_at=None)
    assert {clock.started_at for clock in new} == {at}
    assert Lead.objects.get(pk=waiting.lead_id).stage_entered_at == MONDAY_9AM + MINUTE


def test_failure_on_one_lead_holds_up_no_other(
    pool: Team, rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep what a run did before it was killed; the next run does the rest."""
    make_handoff()
    first, second = make_handoff(at=MONDAY_9AM + MINUTE), make_handoff(at=MONDAY_9AM + MINUTE)
    limit(rep, 3)

    def fail_on_second(lead_id: int, *, at: datetime) -> bool:
        if lead_id == second.lead_id:
            raise KeyboardInterrupt
        return offer_waiting_lead(lead_id, at=at)

    with monkeypatch.context() as patched:
        patched.setattr(waiting, "offer_waiting_lead", fail_on_second)
        with pytest.raises(KeyboardInterrupt):
            offer_waiting_leads(at=MONDAY_9AM + 2 * MINUTE)
    assert (owner_after(first), owner_after(second)) == (rep, None)

    assert offer_waiting_leads(at=MONDAY_9AM + 3 * MINUTE) == 1
    assert owner_after(second) == rep


def test_job_costs_one_statement_while_nothing_waits(pool: Team) -> None:
    with exactly_statements(1):
        offer_waiting_leads(at=MONDAY_9AM)


def test_job_reads_in_few_statements_while_everyone_is_busy(pool: Team) -> None:
    for _ in range(5):
        make_handoff()
    configuration.now()

    with exactly_statements(6):
        offer_waiting_leads(at=MONDAY_9AM)


@pytest.mark.parametrize(
    ("free", "run", "looked_at"),
    [
        (set(), 0, [1, 2]),
        (set(), 1, [3, 4]),
        (set(), 2, [5]),
        (set(), 3, [1, 2]),
        ({8}, 0, [1, 2, 4]),
        ({8}, 1, [2, 3, 4]),
        ({7, 8}, 2, [1, 2, 5]),
    ],
)
def test_run_looks_at_the_first_and_at_others_in_turn(
    free: set[int], run: int, looked_at: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MAX_LEADS", 2)
    in_order = [(1, [7]), (2, [8]), (3, []), (4, [7, 8]), (5, [8])]
    at = datetime.fromtimestamp(3 * TURN.total_seconds(), UTC) + run * TURN

    assert leads_to_look_at(in_order, free, at) == looked_at


def test_leads_beyond_the_limit_are_offered_by_later_runs(
    pool: Team, rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MAX_LEADS", 1)
    leads = [make_handoff(at=MONDAY_9AM + number * MINUTE).lead_id for number in range(5)]
    later = MONDAY_9AM + 10 * MINUTE
    limit(rep, 3)

    offered = [offer_waiting_leads(at=later + run * TURN) for run in range(4)]

    assert sum(offered) == 2
    assert set(Handoff.objects.open().filter(owner=rep).values_list("lead", flat=True)) == {
        *leads[:3]
    }


def test_returned_person_gets_a_lead_behind_others_whose_pool_is_full(
    pool: Team, queue: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MAX_LEADS", 1)
    for _ in range(4):
        make_handoff()
    owner, end = make_rep(), MONDAY_9AM + timedelta(hours=1)
    make_team(owner)
    Absence.objects.create(user=owner, starts_at=MONDAY_9AM, ends_at=end)
    draft = publishing.copy_to_draft(route_everything_to(queue, target="queue"))
    draft.rules.filter(position=1).update(
        target="person", person=owner, team=None, when_nobody="queue", fallback_queue=queue
    )
    publishing.publish(rule_set=draft, by=None, at=MONDAY_9AM, allow_unstaffed=True)
    last = make_handoff(at=MONDAY_9AM + MINUTE)

    for run in range(4):
        offer_waiting_leads(at=end + run * TURN)

    assert owner_after(last) == owner
