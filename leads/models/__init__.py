from leads.enums import RevenueBand, Seniority, Temperature, Timing, TouchKind
from leads.models.contacts import Company, Contact, Correction
from leads.models.content import (
    Campaign,
    LeadType,
    ScoringCriterion,
    ScoringGroup,
    ScoringModel,
    Source,
    StageDefinition,
)
from leads.models.leads import (
    ContextCard,
    Lead,
    LeadQuerySet,
    LeadScore,
    Touch,
    held_by_team_of,
)
from leads.models.log import EventKind, LeadEvent

__all__ = [
    "Campaign",
    "Company",
    "Contact",
    "ContextCard",
    "Correction",
    "EventKind",
    "Lead",
    "LeadEvent",
    "LeadQuerySet",
    "LeadScore",
    "LeadType",
    "RevenueBand",
    "ScoringCriterion",
    "ScoringGroup",
    "ScoringModel",
    "Seniority",
    "Source",
    "StageDefinition",
    "Temperature",
    "Timing",
    "Touch",
    "TouchKind",
    "held_by_team_of",
]
