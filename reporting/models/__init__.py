from reporting.models.facts import HandoffMilestones, LeadMilestones, SalesAnswer, SlaOutcome
from reporting.models.rollups import HandoffDay, LeadDay, LogCursor, Proof, Restatement

__all__ = [
    "SalesAnswer",
    "HandoffDay",
    "HandoffMilestones",
    "LeadDay",
    "LeadMilestones",
    "LogCursor",
    "Proof",
    "SlaOutcome",
    "Restatement",
]
