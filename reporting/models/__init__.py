from reporting.models.facts import FirstAnswer, HandoffMilestones, LeadMilestones, SlaOutcome
from reporting.models.rollups import HandoffDay, LeadDay, LogCursor, Restatement

__all__ = [
    "FirstAnswer",
    "HandoffDay",
    "HandoffMilestones",
    "LeadDay",
    "LeadMilestones",
    "LogCursor",
    "SlaOutcome",
    "Restatement",
]
