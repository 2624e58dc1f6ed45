from leads.enums import RevenueBand, Seniority, Temperature, Timing, TouchKind
from leads.models.contacts import Company, Contact, Correction
from leads.models.content import (
    Campaign,
    LeadType,
    MailDomain,
    ScoringCriterion,
    ScoringGroup,
    ScoringModel,
    Source,
    StageDefinition,
    TitlePhrases,
    TouchKindRule,
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
    "MailDomain",
    "RevenueBand",
    "ScoringCriterion",
    "ScoringGroup",
    "ScoringModel",
    "Seniority",
    "Source",
    "StageDefinition",
    "Temperature",
    "Timing",
    "TitlePhrases",
    "Touch",
    "TouchKind",
    "TouchKindRule",
    "held_by_team_of",
]
