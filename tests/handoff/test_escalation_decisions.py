"""A late lead is reassigned with a decision of its own."""

from datetime import time, timedelta

import pytest

from handoff.assignment.round_robin import ONE_LEAD
from handoff.escalation.sweep import sweep
from handoff.models import Handoff, RoutingDecision, RuleSet
from handoff.reassignment import reassign
from leads.models import EventKind, LeadEvent
from people.models import Absence, Membership, User
from people.roles import Role
from tests.factories import (
    make_handoff,
    make_handoff_to,
    make_person,
    make_pool,
    make_queue,
    make_rep,
    route_everything_to,
)
from tests.handoff.factories import clock_of, last_queue
from tests.people.factories import MONDAY_9AM, make_calendar, make_team, make_user

pytestmark = pytest.mark.django_db

# The bootstrap's answer to a demo request is due within half an hour.
DUE = MONDAY_9AM + timedelta(minutes=30)
NOTICED = DUE + timedelta(minutes=1)
A_DAY = timedelta(days=1)


@pytest.fixture
def mia() -> User:
    return make_rep("Mia")


def decision_after(handoff: Handoff) -> RoutingDecision:
    decision = Handoff.objects.get(previous=handoff).decision
    assert decision is not None
    return decision


def test_decision_names_the_selected_rep_and_every_exclusion(mia: User) -> None:
    jon, away, full = (make_rep(name) for name in ("Jon", "Away", "Full"))
    team = make_pool(mia, jon, away, full)
    handoff = make_handoff_to(mia)
    Absence.objects.create(user=away, starts_at=MONDAY_9AM, ends_at=NOTICED + A_DAY)
    Membership.objects.filter(user=full).update(capacity=0)
    balances = dict(Membership.objects.values_list("user__name", "balance"))

    sweep(at=NOTICED)

    decision = decision_after(handoff)
    assert decision.because == (
        "Reassigned because Mia missed the response SLA. "
        "Round robin selected Jon: 1 of 4 in the pool was available."
    )
    assert (decision.lead, decision.user, decision.team) == (handoff.lead, jon, team)
    assert (decision.target, decision.rule, decision.decided_at) == ("pool", None, NOTICED)
    assert decision.rule_set == RuleSet.objects.get(status="published")
    assert (decision.trace["pool"]["id"], decision.trace["pool"]["name"]) == (team.pk, team.name)
    assert decision.trace["pool"]["settled_by"] == "balance"
    assert decision.trace["pool"]["people"] == [
        seen(mia, "had it before", balances["Mia"]),
        seen(jon, "", balances["Jon"]),
        seen(away, "absent", balances["Away"]),
        seen(full, "at capacity: 0 of 0", balances["Full"]),
    ]


def seen(person: User, excluded: str, balance: int) -> dict[str, object]:
    """Return a candidate as traced; the only eligible one is credited and debited a whole lead."""
    return {
        "user_id": person.pk,
        "name": person.name,
        "excluded": excluded,
        "balance_before": balance,
        "balance_after": balance,
    }


def test_decision_stores_the_late_clock_and_the_reassignment_count(mia: User) -> None:
    make_pool(mia, make_rep())
    handoff = make_handoff_to(mia)
    clock = clock_of(handoff)

    sweep(at=NOTICED)

    decision = decision_after(handoff)
    assert decision.seed == clock.pk
    assert decision.trace["rules"] == []
    assert decision.trace["late"] == {
        "clock": clock.pk,
        "kind": "answer",
        "due_at": DUE.isoformat(),
        "handoff": handoff.pk,
        "hop": 0,
        "hop_limit": handoff.policy.hop_limit,
    }


def test_decision_stores_balances_before_and_after(mia: User) -> None:
    make_pool(mia, make_rep("Jon"), make_rep("Lea"))
    handoff = make_handoff_to(mia)

    sweep(at=NOTICED)

    decision = decision_after(handoff)
    people = {person["name"]: person for person in decision.trace["pool"]["people"]}
    chosen = decision.user
    assert chosen is not None
    [other] = {"Jon", "Lea"} - {chosen.name}
    gained = {
        name: person["balance_after"] - person["balance_before"] for name, person in people.items()
    }
    assert gained == {"Mia": 0, chosen.name: -ONE_LEAD // 2, other: ONE_LEAD // 2}
    stored = dict(
        Membership.objects.filter(user__name__in=people).values_list("user__name", "balance")
    )
    assert stored == {name: person["balance_after"] for name, person in people.items()}


def test_routed_event_refers_to_the_decision(mia: User) -> None:
    jon = make_rep("Jon")
    team = make_pool(mia, jon)
    handoff = make_handoff_to(mia)

    sweep(at=NOTICED)

    first, second = LeadEvent.objects.filter(kind=EventKind.ROUTED).order_by("pk")
    assert first.payload["decision"] == handoff.decision_id
    assert second.payload == {
        "decision": decision_after(handoff).pk,
        "rule": None,
        "target": "pool",
        "user": jon.pk,
        "team": team.pk,
    }


def test_decision_names_the_last_queue_when_no_one_is_available(mia: User) -> None:
    make_pool(mia, name="South")
    handoff = make_handoff_to(mia)

    sweep(at=NOTICED)

    decision = decision_after(handoff)
    queue = last_queue()
    assert decision.because == (
        "Reassigned because Mia missed the response SLA. No one else in South was available, "
        "so it went to the Qualification queue."
    )
    assert (decision.target, decision.user, decision.team) == ("queue", None, queue)
    assert [person["excluded"] for person in decision.trace["pool"]["people"]] == ["had it before"]
    assert decision.trace["pool"]["settled_by"] == ""


def test_working_hours_of_the_rule_apply_to_reassignment(mia: User) -> None:
    """Jon starts at noon; what Mia leaves unanswered at nine cannot be his."""
    jon = make_rep("Jon", calendar=make_calendar((time(12), time(20))))
    team = make_team(mia, jon)
    route_everything_to(team, requires_working_hours=True)
    handoff = make_handoff_to(mia)

    sweep(at=NOTICED)

    decision = decision_after(handoff)
    assert (decision.user, decision.team) == (None, last_queue())
    assert [person["excluded"] for person in decision.trace["pool"]["people"]] == [
        "had it before",
        "outside working hours",
    ]


def test_working_hours_of_the_rule_apply_to_every_reassignment(mia: User) -> None:
    """Jon is in when Mia is late, Lea never before noon."""
    jon, lea = make_rep("Jon"), make_rep("Lea", calendar=make_calendar((time(12), time(20))))
    team = make_team(mia, jon, lea)
    route_everything_to(team, requires_working_hours=True)
    handoff = make_handoff_to(mia)
    sweep(at=NOTICED)
    second = Handoff.objects.get(previous=handoff)
    assert second.owner == jon

    sweep(at=NOTICED + timedelta(hours=1))

    assert decision_after(second).team == last_queue()


def test_working_hours_are_ignored_when_the_rule_does_not_require_them(mia: User) -> None:
    jon = make_rep("Jon", calendar=make_calendar((time(12), time(20))))
    make_pool(mia, jon)
    handoff = make_handoff_to(mia)

    sweep(at=NOTICED)

    assert decision_after(handoff).user == jon


def test_pool_is_skipped_at_the_reassignment_limit(mia: User) -> None:
    make_pool(mia, make_rep())
    handoff = make_handoff_to(mia)
    Handoff.objects.filter(pk=handoff.pk).update(hop=handoff.policy.hop_limit)

    sweep(at=NOTICED)

    decision = decision_after(handoff)
    assert decision.because == (
        "Reassigned because Mia missed the response SLA. The limit of "
        f"{handoff.policy.hop_limit} reassignments is reached, so it went to the Qualification "
        "queue."
    )
    assert decision.trace["pool"] is None


def test_decision_names_the_queue_that_was_late() -> None:
    make_queue(make_rep("Jon"), name="South")
    handoff = make_handoff()

    sweep(at=NOTICED + A_DAY)

    assert decision_after(handoff).because == (
        "Reassigned because no one accepted it from the South queue in time. "
        "Round robin selected Jon: 1 of 1 in the pool was available."
    )


def test_manual_reassignment_keeps_the_decision(mia: User) -> None:
    manager = make_person(Role.SALES_MANAGER)
    lea = make_rep("Lea")
    team = make_pool(mia, make_rep("Jon"), manager=manager)
    handoff = make_handoff_to(mia)
    sweep(at=NOTICED)
    late = Handoff.objects.get(previous=handoff)
    team.members.add(lea)

    reassign(handoff_id=late.pk, to=lea, by=manager, at=NOTICED)

    assert decision_after(late) == late.decision


def test_lead_stays_when_no_rules_are_published() -> None:
    manager = make_user("Manager")
    make_pool(make_rep(), manager=manager)
    handoff = make_handoff()
    RuleSet.objects.filter(status="published").update(status="retired")

    sweep(at=NOTICED + A_DAY)

    handoff.refresh_from_db()
    assert (handoff.state, handoff.closed_at) == ("offered", None)
