from leads.models.content import (
    Campaign,
    LeadType,
    ScoringCriterion,
    ScoringGroup,
    ScoringModel,
    Source,
    StageDefinition,
)
from leads.models.identity import Company, Contact
from leads.models.log import EventKind, LeadEvent
from leads.models.pursuit import ContextCard, Lead, LeadScore, Temperature, Touch, TouchKind

__all__ = [
    "Campaign",
    "Company",
    "Contact",
    "ContextCard",
    "EventKind",
    "Lead",
    "LeadEvent",
    "LeadScore",
    "LeadType",
    "ScoringCriterion",
    "ScoringGroup",
    "ScoringModel",
    "Source",
    "StageDefinition",
    "Temperature",
    "Touch",
    "TouchKind",
]
