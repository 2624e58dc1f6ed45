"""The routing rules and promises of the demo, as versions published in the course of the year."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from core.versioning.models import ContentStatus
from handoff.clock_kinds import FIRST_CONTACT
from handoff.models import RoutingRule, RuleCondition, RuleSet, SlaPolicy
from handoff.routing import publishing
from handoff.sla import versions
from people.models import User
from tools.demo import organization
from tools.demo.organization import Organization

Target, Match, WhenNobody = RoutingRule.Target, RoutingRule.Match, RoutingRule.WhenNobody

EUROPE: Final = ["DE", "AT", "CH", "NL", "GB", "FR", "SE"]
AMERICAS: Final = ["US", "CA"]
ASIA_PACIFIC: Final = ["SG", "AU", "NZ"]
NOT_SERVED: Final = ["BR", "TR", "ZA", "ID"]
REQUIRED_FIELDS: Final = ["lead.source", "contact.title", "company.name"]


class Rule(NamedTuple):
    name: str
    rationale: str
    conditions: tuple[tuple[str, str, Any], ...]
    target: RoutingRule.Target
    team: str = ""
    person: str = ""
    policy: str = "standard"
    within_hours: bool = False
    fallback: str = ""
    match: RoutingRule.Match = Match.ALL


def demo_requests(team: str, countries: list[str]) -> Rule:
    return Rule(
        f"Demo and quote requests, {team}",
        "They want to talk now: to whoever of the territory is at work, under the urgent policy; "
        "at night and on weekends qualification takes them (ROU-02, SLA-06).",
        (("lead.type", "is", "demo"), ("contact.country", "one_of", countries)),
        Target.POOL,
        team,
        policy="urgent",
        within_hours=True,
        fallback=organization.QUALIFICATION,
    )


def sized_companies(team: str, countries: list[str]) -> Rule:
    return Rule(
        f"Companies of 50 and more, {team}",
        "Big enough for the territory's reps, who know its trades; smaller and unknown ones "
        "are qualified first (ROU-03, INT-15).",
        (("company.employees", "at_least", 50), ("contact.country", "one_of", countries)),
        Target.POOL,
        team,
    )


STUDENTS: Final = Rule(
    "Students and interns",
    "They have no say in a purchase; marketing stays in touch (QUA-21).",
    (("contact.seniority", "one_of", ["student", "intern"]),),
    Target.NURTURE,
)
NOT_SERVED_RULE: Final = Rule(
    "Markets we do not serve",
    "No partner, no support hours and no invoices there yet. Decided after the worldwide search "
    "ads brought reps a quarter full of sign-ups they could do nothing for (SCN-04).",
    (("contact.country", "one_of", NOT_SERVED), ("company.country", "one_of", NOT_SERVED)),
    Target.NURTURE,
    match=Match.ANY,
)
TERRITORIES: Final = (
    (organization.EUROPE, EUROPE),
    (organization.AMERICAS, AMERICAS),
    (organization.ASIA_PACIFIC, ASIA_PACIFIC),
)
REST: Final = (
    Rule(
        "Owned accounts",
        "Whoever owns the account knows it, so new interest from it goes to them (ROU-03).",
        (("company.has_owner", "is", True),),
        Target.ACCOUNT_OWNER,
    ),
    Rule(
        "Target accounts nobody owns yet",
        "The shared list of accounts both teams agreed on; Dana opens them and then hands them "
        "to the territory (STR-04).",
        (("company.is_target_account", "is", True),),
        Target.PERSON,
        person="Dana Whitfield",
    ),
    *(demo_requests(team, countries) for team, countries in TERRITORIES),
    Rule(
        "Demo and quote requests from anywhere else",
        "Nobody knows the territory yet, and they still want to talk now (ROU-07).",
        (("lead.type", "is", "demo"),),
        Target.QUEUE,
        organization.QUALIFICATION,
        policy="urgent",
    ),
    Rule(
        "One download and nothing else",
        "Broad content says little; wait for a second action (QUA-19).",
        (("lead.type", "is", "download"), ("lead.touch_count", "at_most", 1)),
        Target.NURTURE,
    ),
    *(sized_companies(team, countries) for team, countries in TERRITORIES),
    Rule(
        "Everybody else",
        "A staffed queue with a qualification step, so no lead is ever without a place (ROU-07).",
        (),
        Target.QUEUE,
        organization.QUALIFICATION,
    ),
)
FIRST_RULES: Final = (STUDENTS, *REST)
LATER_RULES: Final = (STUDENTS, NOT_SERVED_RULE, *REST)


def publish_rules(
    people: Organization, rules: tuple[Rule, ...], *, note: str, by: User, at: datetime
) -> None:
    newest = RuleSet.objects.order_by("-version").first()
    rule_set = RuleSet.objects.create(
        version=newest.version + 1 if newest else 1,
        name="Routing",
        note=note,
        required_fields=REQUIRED_FIELDS,
    )
    for position, row in enumerate(rules):
        rule = RoutingRule.objects.create(
            rule_set=rule_set,
            position=position,
            name=row.name,
            rationale=row.rationale,
            match=row.match,
            target=row.target,
            team=people.teams.get(row.team),
            person=people.users.get(row.person),
            policy_code=row.policy,
            requires_working_hours=row.within_hours,
            when_nobody=WhenNobody.QUEUE if row.fallback else WhenNobody.NEXT_RULE,
            fallback_queue=people.teams.get(row.fallback),
        )
        RuleCondition.objects.bulk_create(
            RuleCondition(rule=rule, position=place, field=field, operator=operator, value=value)
            for place, (field, operator, value) in enumerate(row.conditions)
        )
    publishing.publish(rule_set=rule_set, by=by, at=at)


def publish_promises(*, by: User, at: datetime) -> None:
    """A late answer moves a lead to somebody else; a late first contact is told, and stays."""
    for policy in SlaPolicy.objects.filter(status=ContentStatus.PUBLISHED).order_by("pk"):
        draft = versions.copy_to_draft(policy)
        draft.attempts_required = 4
        draft.hop_limit = 2
        draft.save()
        draft.targets.filter(clock=FIRST_CONTACT.code).update(reassigns_on_breach=False)
        versions.publish(policy=draft, by=by, at=at)
