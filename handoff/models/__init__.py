from handoff.models.answers import (
    LossReason,
    OutcomeReason,
    Rejection,
    RejectionReason,
    ReversalReason,
    UndoableAnswer,
)
from handoff.models.handoffs import Attempt, Handoff, HandoffQuerySet
from handoff.models.routing import RoutingDecision, RoutingRule, RuleCondition, RuleSet
from handoff.models.sla import Escalation, SlaClock, SlaPolicy, SlaTarget
from handoff.models.workload import WorkloadChange

__all__ = [
    "Attempt",
    "Escalation",
    "Handoff",
    "HandoffQuerySet",
    "LossReason",
    "OutcomeReason",
    "Rejection",
    "RejectionReason",
    "ReversalReason",
    "RoutingDecision",
    "RoutingRule",
    "RuleCondition",
    "RuleSet",
    "SlaClock",
    "SlaPolicy",
    "SlaTarget",
    "UndoableAnswer",
    "WorkloadChange",
]
