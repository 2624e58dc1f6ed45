from handoff.models.agreement import ClockKind, SlaPolicy, SlaTarget
from handoff.models.offers import Attempt, Escalation, Handoff, SlaClock
from handoff.models.rules import RoutingDecision, RoutingRule, RuleCondition, RuleSet

__all__ = [
    "Attempt",
    "ClockKind",
    "Escalation",
    "Handoff",
    "RoutingDecision",
    "RoutingRule",
    "RuleCondition",
    "RuleSet",
    "SlaClock",
    "SlaPolicy",
    "SlaTarget",
]
