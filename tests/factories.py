"""Leads and handoffs for tests, reached the way the product reaches them."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from django.contrib.auth.models import Group

from handoff.assignment.round_robin import ONE_LEAD
from handoff.models import Handoff, RoutingRule, RuleSet
from handoff.pipeline import Receipt, receive
from handoff.routing import publishing
from leads.models import Lead
from leads.touches import TouchIn
from people.models import Membership, Team, User
from people.roles import Role
from tests.people.factories import MONDAY_9AM, make_team, make_user

_numbers = count(1)


def make_person(role: Role, name: str = "", **fields: Any) -> User:
    """Make a user with a role; roles come from `bootstrap`."""
    user = make_user(name, **fields)
    user.groups.add(Group.objects.get(name=role.label))
    return user


def make_rep(name: str = "", **fields: Any) -> User:
    return make_person(Role.REP, name, **fields)


def make_touch(**fields: Any) -> TouchIn:
    """Return a demo request by a director of a company that fits: enough points for an MQL."""
    number = next(_numbers)
    domain = f"company{number}.example"
    return TouchIn(
        **{
            "occurred_at": MONDAY_9AM,
            "kind": "demo_request",
            "lead_type": "demo",
            "source": "website",
            "email": f"ann{number}@{domain}",
            "email_is_corporate": True,
            "phone": f"+4930{number:07}",
            "name": f"Ann Example {number}",
            "title": "Director of Operations",
            "seniority": "director",
            "company": f"Company {number}",
            "domain": domain,
            "industry": "Software",
            "employees": 250,
            "country": "DE",
            **fields,
        }
    )


def make_receipt(*, at: datetime = MONDAY_9AM, **fields: Any) -> Receipt:
    return receive(make_touch(occurred_at=at, **fields), at=at, via="test")


def make_lead(*, at: datetime = MONDAY_9AM, **fields: Any) -> Lead:
    return Lead.objects.get(pk=make_receipt(at=at, **fields).lead_id)


def request_again(lead: Lead, *, at: datetime, **fields: Any) -> Receipt:
    """Let the contact of a lead send the demo form again."""
    again = {"email": lead.contact.email, "phone": "", "name": "", "title": "", "seniority": ""}
    return make_receipt(at=at, **again, **fields)


def make_handoff(*, at: datetime = MONDAY_9AM, **fields: Any) -> Handoff:
    """Make a lead that the published rules have just offered."""
    receipt = make_receipt(at=at, **fields)
    assert receipt.handoff_id is not None, "it was not ready for sales"
    return Handoff.objects.get(pk=receipt.handoff_id)


def owner_of(handoff: Handoff) -> User:
    assert handoff.owner is not None, "it waits in a queue"
    return handoff.owner


def route_everything_to(team: Team, *, at: datetime = MONDAY_9AM, **rule: Any) -> RuleSet:
    """Publish a rule set with a rule for all leads, and the last queue behind it."""
    last_queue = Team.objects.get(name="Qualification")
    draft = RuleSet.objects.create(
        name=f"All to {team}", version=1 + RuleSet.objects.order_by("-version")[0].version
    )
    fields = {"name": f"Pool {team}", "target": "pool", "team": team, **rule}
    RoutingRule.objects.create(rule_set=draft, position=1, **fields)
    RoutingRule.objects.create(
        rule_set=draft, position=2, name="The rest", target="queue", team=last_queue
    )
    publishing.publish(rule_set=draft, by=None, at=at, allow_unstaffed=True)
    return draft


def make_pool(*members: User, **fields: Any) -> Team:
    """Make a pool that gets every lead."""
    team = make_team(*(members or (make_rep(), make_rep())), **fields)
    route_everything_to(team)
    return team


def make_queue(*members: User, **fields: Any) -> Team:
    """Make a queue that gets every lead."""
    team = make_team(*members, **fields)
    route_everything_to(team, target="queue", name=f"Queue {team}")
    return team


def make_handoff_to(rep: User, *, at: datetime = MONDAY_9AM, **fields: Any) -> Handoff:
    """Make a handoff to this member of the pool, the first in the round robin."""
    Membership.objects.filter(team__members=rep).update(balance=-10 * ONE_LEAD)
    Membership.objects.filter(user=rep).update(balance=ONE_LEAD)
    handoff = make_handoff(at=at, **fields)
    assert handoff.owner == rep
    return handoff
