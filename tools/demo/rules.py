"""The routing rules and SLA policies of the demo, with versions published during the year."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from core.versioning.models import ContentStatus
from handoff.clock_kinds import FIRST_CONTACT, NEW_REQUEST
from handoff.models import RoutingRule, RuleCondition, RuleSet, SlaPolicy
from handoff.routing import publishing
from handoff.sla import versions
from people.models import User
from tools.demo import organization
from tools.demo.organization import DemoOrganization

Target, Match, WhenNobody = RoutingRule.Target, RoutingRule.Match, RoutingRule.WhenNobody

EUROPE: Final = ["DE", "AT", "CH", "NL", "GB", "FR", "SE"]
AMERICAS: Final = ["US", "CA"]
ASIA_PACIFIC: Final = ["SG", "AU", "NZ"]
UNSERVED: Final = ["BR", "TR", "ZA", "ID"]
REQUIRED_FIELDS: Final = ["lead.source", "contact.title", "company.name"]


class RuleRow(NamedTuple):
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


def demo_requests(team: str, countries: list[str]) -> RuleRow:
    return RuleRow(
        f"Demo and quote requests, {team}",
        "Hand-raisers go to a rep of the territory who is at work, with the Urgent SLA policy. "
        "Outside business hours, they go to the qualification queue.",
        (("lead.type", "is", "demo"), ("contact.country", "one_of", countries)),
        Target.POOL,
        team,
        policy="urgent",
        within_hours=True,
        fallback=organization.QUALIFICATION,
    )


def sized_companies(team: str, countries: list[str]) -> RuleRow:
    return RuleRow(
        f"Companies with 50+ employees, {team}",
        "Large enough for the reps of the territory, who know its industries. Smaller companies "
        "and those of unknown size are qualified first.",
        (("company.employees", "at_least", 50), ("contact.country", "one_of", countries)),
        Target.POOL,
        team,
    )


STUDENTS: Final = RuleRow(
    "Students and interns",
    "They have no part in buying decisions. Marketing stays in touch.",
    (("contact.seniority", "one_of", ["student", "intern"]),),
    Target.NURTURE,
)
UNSERVED_RULE: Final = RuleRow(
    "Markets we do not serve",
    "No partner, support hours or invoicing there yet. Added after the worldwide search ads "
    "brought a quarter full of sign-ups that reps could not sell to.",
    (("contact.country", "one_of", UNSERVED), ("company.country", "one_of", UNSERVED)),
    Target.NURTURE,
    match=Match.ANY,
)
TERRITORIES: Final = (
    (organization.EUROPE, EUROPE),
    (organization.AMERICAS, AMERICAS),
    (organization.ASIA_PACIFIC, ASIA_PACIFIC),
)
OWNED: Final = RuleRow(
    "Owned accounts",
    "The owner knows the account, so new interest goes to the owner.",
    (("company.has_owner", "is", True),),
    Target.ACCOUNT_OWNER,
)
SAME_COMPANY: Final = RuleRow(
    "Colleagues of an open lead",
    "One rep for each company, so that two colleagues do not get two calls.",
    (("company.name", "is_known", None),),
    Target.COMPANY_REP,
)
REST: Final = (
    RuleRow(
        "Target accounts without an owner",
        "The account list that both teams agreed on. Dana makes first contact and then reassigns "
        "the account to the territory.",
        (("company.is_target_account", "is", True),),
        Target.PERSON,
        person="Dana Whitfield",
    ),
    *(demo_requests(team, countries) for team, countries in TERRITORIES),
    RuleRow(
        "Demo and quote requests, other countries",
        "Hand-raisers without a territory go to the qualification queue, with the Urgent policy.",
        (("lead.type", "is", "demo"),),
        Target.QUEUE,
        organization.QUALIFICATION,
        policy="urgent",
    ),
    RuleRow(
        "Single download",
        "A single download shows little intent. Wait for a second touch.",
        (("lead.type", "is", "download"), ("lead.touch_count", "at_most", 1)),
        Target.NURTURE,
    ),
    *(sized_companies(team, countries) for team, countries in TERRITORIES),
    RuleRow(
        "All other leads",
        "A staffed queue with a qualification step, so that every lead has a next step.",
        (),
        Target.QUEUE,
        organization.QUALIFICATION,
    ),
)
FIRST_RULES: Final = (STUDENTS, OWNED, *REST)
LATER_RULES: Final = (STUDENTS, UNSERVED_RULE, OWNED, SAME_COMPANY, *REST)


def publish_rules(
    people: DemoOrganization, rules: tuple[RuleRow, ...], *, note: str, by: User, at: datetime
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


def publish_sla_policies(*, by: User, at: datetime) -> None:
    """Reassign leads after a late answer, but only notify after a late contact."""
    for policy in SlaPolicy.objects.filter(status=ContentStatus.PUBLISHED).order_by("pk"):
        draft = versions.copy_to_draft(policy)
        draft.attempts_required = 4
        draft.hop_limit = 2
        draft.save()
        contacts = (FIRST_CONTACT.code, NEW_REQUEST.code)
        draft.targets.filter(clock__in=contacts).update(reassigns_on_breach=False)
        versions.publish(policy=draft, by=by, at=at)
