"""Create the SLA policies and the rule set of a new installation."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from handoff.clock_kinds import ANSWER, FIRST_CONTACT, NEW_REQUEST, ClockKind
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


class DefaultTarget(NamedTuple):
    clock: ClockKind
    within_minutes: int
    lead_type: str = ""
    temperature: str = ""


class DefaultPolicy(NamedTuple):
    code: str
    name: str
    is_default: bool
    targets: tuple[DefaultTarget, ...]


# Minutes of business time: 480 are one working day, so a lead of Monday 3 PM is due on Tuesday
# at 3 PM, and none is due on a Sunday.
POLICIES: Final = (
    DefaultPolicy(
        "standard",
        "Standard",
        True,
        (
            DefaultTarget(ANSWER, 240),
            DefaultTarget(ANSWER, 30, temperature="hot"),
            DefaultTarget(ANSWER, 60, lead_type="consultation"),
            DefaultTarget(FIRST_CONTACT, 480),
            DefaultTarget(FIRST_CONTACT, 60, temperature="hot"),
            DefaultTarget(NEW_REQUEST, 480),
            DefaultTarget(NEW_REQUEST, 60, temperature="hot"),
        ),
    ),
    DefaultPolicy(
        "urgent",
        "Urgent",
        False,
        (
            DefaultTarget(ANSWER, 30),
            DefaultTarget(ANSWER, 15, lead_type="demo"),
            DefaultTarget(FIRST_CONTACT, 60),
            DefaultTarget(NEW_REQUEST, 60),
        ),
    ),
)


class DefaultRule(NamedTuple):
    name: str
    rationale: str
    conditions: tuple[tuple[str, str, Any], ...]
    target: RoutingRule.Target
    policy_code: str = ""


# All rules with a team use the qualification team, the only sales team of a new installation.
RULES: Final = (
    DefaultRule(
        "Students and interns",
        "They have no purchasing authority, so marketing stays in touch. A title can be misread, "
        "so a rep looks at those who asked to talk.",
        (
            ("contact.seniority", "one_of", ["student", "intern"]),
            ("lead.type", "none_of", ["demo", "consultation"]),
        ),
        RoutingRule.Target.NURTURE,
    ),
    DefaultRule(
        "Owned accounts",
        "The account owner knows the company, so its new leads go to them.",
        (("company.has_owner", "is", True),),
        RoutingRule.Target.ACCOUNT_OWNER,
    ),
    DefaultRule(
        "Demo and quote requests",
        "They want to talk now, so they go to a rep under the urgent SLA policy.",
        (("lead.type", "is", "demo"),),
        RoutingRule.Target.POOL,
        "urgent",
    ),
    DefaultRule(
        "Consultation requests",
        "They asked for advice, so they go directly to a rep.",
        (("lead.type", "is", "consultation"),),
        RoutingRule.Target.POOL,
        "standard",
    ),
    DefaultRule(
        "One download and nothing else",
        "One download shows little intent. Wait for a second touch.",
        (("lead.type", "is", "download"), ("lead.touch_count", "at_most", 1)),
        RoutingRule.Target.NURTURE,
    ),
    DefaultRule(
        "Everybody else",
        "Every other lead goes to a staffed queue, where a rep qualifies it.",
        (),
        RoutingRule.Target.QUEUE,
        "standard",
    ),
)
RULE_SET_NOTE: Final = "Initial rules: by lead type, all other leads to the qualification queue."
# A lead that lacks two of these goes to nurture.
REQUIRED_FIELDS: Final = ["lead.source", "contact.title", "company.name"]


def ensure_handoff(*, at: datetime) -> list[str]:
    """Create what is missing and return its names."""
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
                clock=target.clock.code,
                lead_type=lead_types.get(target.lead_type),
                temperature=target.temperature,
                within_minutes=target.within_minutes,
            )
            for target in row.targets
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
        note=RULE_SET_NOTE,
        required_fields=REQUIRED_FIELDS,
    )
    for position, row in enumerate(RULES):
        add_rule(rule_set, row, position=position, team=team)
    publishing.publish(rule_set=rule_set, by=None, at=at, allow_unstaffed=True)
    return [f"rule set {rule_set}"]


def add_rule(rule_set: RuleSet, row: DefaultRule, *, position: int, team: Team) -> RoutingRule:
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
        RuleCondition(rule=rule, position=position, field=field, operator=operator, value=value)
        for position, (field, operator, value) in enumerate(row.conditions)
    )
    return rule
