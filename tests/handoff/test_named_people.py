"""Leads for a named person or an account owner: their team, and what happens when late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from handoff.departures import reassign_leads_of
from handoff.escalation.sweep import sweep
from handoff.models import Handoff, RoutingDecision, RoutingRule, RuleCondition, RuleSet
from handoff.pipeline import receive, receive_many
from handoff.routing import publishing
from leads.models import Company, LeadEvent
from people.models import Absence, Membership, Notice, Team, User
from people.roles import Role
from reporting.models import HandoffMilestones
from reporting.rollups.refresh import follow_log
from tests.factories import (
    make_handoff,
    make_person,
    make_pool,
    make_rep,
    make_touch,
    owner_of,
    route_everything_to,
)
from tests.handoff.factories import last_queue
from tests.pages import Page, signed_in_as
from tests.people.factories import MONDAY_9AM, make_team, make_user
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

NEXT_WEEK = MONDAY_9AM + timedelta(days=7)


@pytest.fixture
def mia() -> User:
    return make_rep("Mia")


@pytest.fixture
def jon() -> User:
    return make_rep("Jon")


@pytest.fixture
def team(mia: User, jon: User) -> Team:
    return make_team(mia, jon, manager=make_user("Ines"))


def put_first(*, target: str, pool: Team | None = None, person: User | None = None) -> None:
    """Publish a rule that comes before all others and gives every lead to somebody named."""
    draft = publishing.copy_to_draft(
        route_everything_to(pool) if pool else RuleSet.objects.get(status="published")
    )
    RoutingRule.objects.filter(rule_set=draft).update(position=5)
    last = draft.rules.get(target="queue")
    RoutingRule.objects.filter(pk=last.pk).update(position=9)
    RoutingRule.objects.create(
        rule_set=draft, position=0, name="Key accounts", target=target, person=person
    )
    publishing.publish(rule_set=draft, by=None, at=MONDAY_9AM, allow_unstaffed=True)


def made_late(handoff: Handoff, *, after: int = 1) -> Handoff:
    """Let a handoff expire and return the one that follows."""
    sweep(at=MONDAY_9AM + timedelta(weeks=after))
    assert Handoff.objects.get(pk=handoff.pk).state == "expired"
    return Handoff.objects.open().get(lead=handoff.lead_id)


def test_lead_for_a_named_person_belongs_to_their_team(mia: User, team: Team) -> None:
    put_first(target="person", person=mia)

    handoff = make_handoff()

    assert (handoff.owner, handoff.team, handoff.queue) == (mia, team, None)
    decision = RoutingDecision.objects.get()
    assert (decision.user, decision.team, decision.target) == (mia, team, "person")
    assert decision.because == (
        "Assigned to Mia by the rule “Key accounts”, which matches all leads. The rule names Mia."
    )
    for kind in ("routed", "offered"):
        payload = LeadEvent.objects.get(kind=kind).payload
        assert (payload["user"], payload["team"]) == (mia.pk, team.pk)


def test_lead_for_an_account_owner_belongs_to_their_team(mia: User, team: Team) -> None:
    put_first(target="account_owner")
    touch = make_touch()
    Company.objects.create(
        name="Vega", domain=touch.domain, owner=mia, created_at=MONDAY_9AM, updated_at=MONDAY_9AM
    )

    receive(touch, at=MONDAY_9AM, via="test")

    handoff = Handoff.objects.get()
    assert (handoff.owner, handoff.team) == (mia, team)


@pytest.mark.parametrize("at_once", [False, True])
def test_second_lead_of_a_company_goes_to_the_rep_of_the_first(at_once: bool, team: Team) -> None:
    put_first(target="company_rep", pool=make_team(make_rep(), make_rep()))
    kontor: dict[str, Any] = {"domain": "kontor.example", "company": "Kontor"}
    touches = [make_touch(**kontor, email=f"{name}@kontor.example") for name in ("ana", "bo")]
    touches.append(make_touch())
    for batch in [touches] if at_once else [[touch] for touch in touches]:
        receive_many(batch, at=MONDAY_9AM, via="test")

    first, second, other = Handoff.objects.order_by("pk")
    assert first.owner is not None
    assert first.owner == second.owner != other.owner
    assert second.decision is not None
    assert second.decision.because == (
        f"Assigned to {second.owner} by the rule “Key accounts”, which matches all leads. "
        f"{second.owner} has another open lead of this company."
    )


def put_condition(mia: User, team: Team) -> RuleSet:
    """Publish a rule that gives leads of companies with another open lead to one rep."""
    put_first(target="person", person=mia, pool=team)
    draft = publishing.copy_to_draft(RuleSet.objects.get(status="published"))
    RuleCondition.objects.create(
        rule=draft.rules.get(name="Key accounts"),
        field="company.has_open_lead",
        operator="is",
        value=True,
    )
    publishing.publish(rule_set=draft, by=None, at=MONDAY_9AM, allow_unstaffed=True)
    return draft


def test_rule_asks_whether_the_company_has_an_open_lead(mia: User, jon: User) -> None:
    make_team(mia)
    rules = put_condition(mia, make_team(jon))
    kontor: dict[str, Any] = {"domain": "kontor.example", "company": "Kontor"}

    first = make_handoff(**kontor)
    make_handoff(**kontor)
    with exactly_statements(3):
        second = receive(make_touch(**kontor), at=MONDAY_9AM, via="test")
    other = make_handoff()

    assert (first.owner, second.owner_id, other.owner) == (jon, mia.pk, jon)
    because = RoutingDecision.objects.get(lead=second.lead_id).because
    assert because.startswith(
        "Assigned to Mia by the rule “Key accounts” "
        "because Company has another open lead with a rep."
    )
    page = signed_in_as(make_person(Role.OPERATIONS)).get(
        reverse("admin:handoff_ruleset_try_lead", args=[rules.pk]), {"lead": second.lead_id}
    )
    shown = Page(page)
    assert shown.text(".trial-holder strong") == "Mia"
    assert "Company has another open lead with a rep" in shown.texts(".trace-rule")[0]


def test_leads_routed_without_a_touch_know_the_other_lead(mia: User, jon: User) -> None:
    """A lead of a rep who left goes by the same rule."""
    leaver = make_rep()
    make_pool(leaver)
    kontor: dict[str, Any] = {"domain": "kontor.example", "company": "Kontor"}
    handoff = make_handoff(**kontor)
    make_team(mia)
    put_condition(mia, make_team(jon))
    assert owner_of(make_handoff(**kontor)) == mia
    User.objects.filter(pk=leaver.pk).update(is_active=False)

    reassign_leads_of(User.objects.get(pk=leaver.pk), at=MONDAY_9AM)

    assert Handoff.objects.open().get(lead=handoff.lead).owner == mia


def test_reports_count_the_lead_for_that_team(mia: User, team: Team) -> None:
    put_first(target="person", person=mia)

    handoff = make_handoff()
    follow_log(at=NEXT_WEEK)

    assert HandoffMilestones.objects.get(handoff=handoff.pk).team == team


def test_team_named_by_the_rules_is_preferred(mia: User, team: Team) -> None:
    pool = make_team(make_rep(), mia)
    put_first(target="person", person=mia, pool=pool)

    assert make_handoff().team == pool


def test_first_team_is_used_when_no_rule_names_one(mia: User, team: Team) -> None:
    make_team(mia)
    put_first(target="person", person=mia)

    assert [make_handoff().team for _ in range(2)] == [team, team]


def test_inactive_team_of_a_named_person_is_skipped(mia: User, team: Team) -> None:
    other = make_team(mia)
    Team.objects.filter(pk=team.pk).update(is_active=False)
    put_first(target="person", person=mia)

    handoff = make_handoff()

    assert (handoff.owner, handoff.team) == (mia, other)


def test_named_person_does_not_affect_the_round_robin(mia: User, team: Team) -> None:
    put_first(target="person", person=mia)

    make_handoff()

    assert set(Membership.objects.filter(team=team).values_list("balance", "last_turn_at")) == {
        (0, None)
    }


def test_touch_for_a_named_person_costs_three_statements(mia: User, team: Team) -> None:
    put_first(target="person", person=mia)
    make_handoff()

    with exactly_statements(3):
        receive(make_touch(), at=MONDAY_9AM, via="test")


def test_late_lead_of_a_named_person_goes_to_a_colleague(mia: User, jon: User, team: Team) -> None:
    put_first(target="person", person=mia)
    handoff = make_handoff()

    following = made_late(handoff)

    assert (following.owner, following.team, following.hop) == (jon, team, 1)
    assert following.previous == handoff
    notified = Notice.objects.exclude(kind="clock_warned").values_list("recipient__name", "kind")
    assert set(notified) == {
        ("Mia", "offered"),
        ("Mia", "clock_breached"),
        ("Ines", "clock_breached"),
        ("Jon", "offered"),
    }


def test_expired_lead_is_not_assigned_to_the_same_person_again(
    mia: User, jon: User, team: Team
) -> None:
    put_first(target="person", person=mia)
    handoff = made_late(make_handoff())

    again = made_late(handoff, after=2)

    assert (again.owner, again.queue) == (None, last_queue())


def test_late_lead_without_colleagues_goes_to_the_last_queue(
    mia: User, jon: User, team: Team
) -> None:
    Absence.objects.create(user=jon, starts_at=MONDAY_9AM, ends_at=NEXT_WEEK + timedelta(days=1))
    put_first(target="person", person=mia)
    handoff = make_handoff()

    following = made_late(handoff)

    assert (following.owner, following.queue) == (None, last_queue())
