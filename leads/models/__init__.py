from leads.enums import RevenueBand, Seniority, Temperature, Timing, TouchKind
from leads.models.contacts import Company, Contact, Correction, ExternalId
from leads.models.content import (
    Campaign,
    LeadType,
    MailDomain,
    ScoringCriterion,
    ScoringGroup,
    ScoringModel,
    Source,
    SourceSystem,
    StageDefinition,
    TitlePhrases,
    TouchKindRule,
)
from leads.models.leads import (
    ContextCard,
    Lead,
    LeadQuerySet,
    LeadScore,
    Repair,
    Touch,
    held_by_team_of,
)
from leads.models.lists import PAGE_SIZES, ListSettings, SavedView
from leads.models.log import EventKind, LeadEvent
from leads.models.notes import Note

__all__ = [
    "PAGE_SIZES",
    "Campaign",
    "Company",
    "Contact",
    "ContextCard",
    "Correction",
    "EventKind",
    "ExternalId",
    "Lead",
    "LeadEvent",
    "LeadQuerySet",
    "LeadScore",
    "LeadType",
    "ListSettings",
    "MailDomain",
    "Note",
    "Repair",
    "RevenueBand",
    "SavedView",
    "ScoringCriterion",
    "ScoringGroup",
    "ScoringModel",
    "Seniority",
    "Source",
    "SourceSystem",
    "StageDefinition",
    "Temperature",
    "Timing",
    "TitlePhrases",
    "Touch",
    "TouchKind",
    "TouchKindRule",
    "held_by_team_of",
]
