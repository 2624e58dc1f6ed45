from reporting.models.facts import Answer, HandoffMilestones, LeadMilestones, Outcome
from reporting.models.rollups import HandoffDay, LeadDay, LogCursor, Restatement

__all__ = [
    "Answer",
    "HandoffDay",
    "HandoffMilestones",
    "LeadDay",
    "LeadMilestones",
    "LogCursor",
    "Outcome",
    "Restatement",
]
