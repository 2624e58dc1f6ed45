"""SLA policies and the first rule set of an empty installation (SLA-06..09, ROU-01..07)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from handoff.clock_kinds import ANSWER, FIRST_CONTACT, ClockKind
from handoff.models import RoutingRule, RuleCondition, RuleSet, SlaPolicy, SlaTarget
from handoff.routing import publishing
from handoff.sla import versions
from leads.models import LeadType
from people.defaults import FULL, VIEW, Grants, ensure_grants
from people.models import Team
from people.roles import Role

GRANTS: Final[Grants] = {
    Role.OPERATIONS: {
        "ruleset": FULL,
        "routingrule": FULL,
        "rulecondition": FULL,
        "slapolicy": FULL,
        "slatarget": FULL,
    },
    Role.HANDOFF_OWNER: {
        "ruleset": VIEW,
        "routingrule": VIEW,
        "rulecondition": VIEW,
        "slapolicy": VIEW,
        "slatarget": VIEW,
    },
}


class Promise(NamedTuple):
    clock: ClockKind
    within_minutes: int
    lead_type: str = ""
    temperature: str = ""


class Policy(NamedTuple):
    code: str
    name: str
    is_default: bool
    promises: tuple[Promise, ...]


# Minutes of working time. The 24 hours of SLA-08 are one working day of eight, so a lead that
# comes in on Monday at 15:00 is called by Tuesday 15:00, and nobody is late on a Sunday.
POLICIES: Final = (
    Policy(
        "standard",
        "Standard",
        True,
        (
            Promise(ANSWER, 240),
            Promise(ANSWER, 30, temperature="hot"),
            Promise(ANSWER, 60, lead_type="consultation"),
            Promise(FIRST_CONTACT, 480),
            Promise(FIRST_CONTACT, 60, temperature="hot"),
        ),
    ),
    Policy(
        "urgent",
        "Urgent",
        False,
        (
            Promise(ANSWER, 30),
            Promise(ANSWER, 15, lead_type="demo"),
            Promise(FIRST_CONTACT, 60),
        ),
    ),
)


class Rule(NamedTuple):
    name: str
    rationale: str
    conditions: tuple[tuple[str, str, Any], ...]
    target: RoutingRule.Target
    policy_code: str = ""


# Every team named here is the qualification team, the only one a new installation has for sales.
RULES: Final = (
    Rule(
        "Students and interns",
        "They have no say in a purchase; marketing stays in touch (QUA-21).",
        (("contact.seniority", "one_of", ["student", "intern"]),),
        RoutingRule.Target.NURTURE,
    ),
    Rule(
        "Owned accounts",
        "Whoever owns the account knows it, so new interest from it goes to them (ROU-03).",
        (("company.has_owner", "is", True),),
        RoutingRule.Target.ACCOUNT_OWNER,
    ),
    Rule(
        "Demo and quote requests",
        "They want to talk now: straight to a person, under the urgent policy (ROU-02, SLA-06).",
        (("lead.type", "is", "demo"),),
        RoutingRule.Target.POOL,
        "urgent",
    ),
    Rule(
        "Consultation requests",
        "They asked for advice: straight to a person (ROU-02).",
        (("lead.type", "is", "consultation"),),
        RoutingRule.Target.POOL,
        "standard",
    ),
    Rule(
        "One download and nothing else",
        "Broad content says little; wait for a second action (QUA-19).",
        (("lead.type", "is", "download"), ("lead.touch_count", "at_most", 1)),
        RoutingRule.Target.NURTURE,
    ),
    Rule(
        "Everybody else",
        "A staffed queue with a qualification step, so no lead is ever without a place (ROU-07).",
        (),
        RoutingRule.Target.QUEUE,
        "standard",
    ),
)
# The part of INT-05 that a lead may lack; without two of these it goes to nurture (QUA-16).
REQUIRED_FIELDS: Final = ["lead.source", "contact.title", "company.name"]


def ensure_handoff(*, at: datetime) -> list[str]:
    """Create what is missing and say what that was."""
    ensure_grants("handoff", GRANTS)
    return [*_policies(at), *_rule_set(at)]


def _policies(at: datetime) -> list[str]:
    if SlaPolicy.objects.exists():
        return []
    lead_types = {lead_type.code: lead_type for lead_type in LeadType.objects.all()}
    created = []
    for row in POLICIES:
        policy = SlaPolicy.objects.create(
            code=row.code, name=row.name, version=1, is_default=row.is_default
        )
        SlaTarget.objects.bulk_create(
            SlaTarget(
                policy=policy,
                clock=promise.clock.code,
                lead_type=lead_types.get(promise.lead_type),
                temperature=promise.temperature,
                within_minutes=promise.within_minutes,
            )
            for promise in row.promises
        )
        versions.publish(policy=policy, by=None, at=at)
        created.append(f"SLA policy {policy}")
    return created


def _rule_set(at: datetime) -> list[str]:
    if RuleSet.objects.exists():
        return []
    team = Team.objects.filter(function=Team.Function.SDR, is_active=True).order_by("pk").first()
    if team is None:
        return []
    rule_set = RuleSet.objects.create(
        version=1,
        name="Routing",
        note="The rules of a new installation: by lead type, the rest to the qualification queue.",
        required_fields=REQUIRED_FIELDS,
    )
    for position, row in enumerate(RULES):
        add_rule(rule_set, row, position=position, team=team)
    publishing.publish(rule_set=rule_set, by=None, at=at, unstaffed_is_fine=True)
    return [f"rule set {rule_set}"]


def add_rule(rule_set: RuleSet, row: Rule, *, position: int, team: Team) -> RoutingRule:
    uses_team = row.target in {RoutingRule.Target.POOL, RoutingRule.Target.QUEUE}
    rule = RoutingRule.objects.create(
        rule_set=rule_set,
        position=position,
        name=row.name,
        rationale=row.rationale,
        target=row.target,
        team=team if uses_team else None,
        policy_code=row.policy_code,
    )
    RuleCondition.objects.bulk_create(
        RuleCondition(rule=rule, position=place, field=field, operator=operator, value=value)
        for place, (field, operator, value) in enumerate(row.conditions)
    )
    return rule
