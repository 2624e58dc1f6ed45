"""Lead types, sources, the scoring model and definitions that an empty installation starts with."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from leads.default_definitions import DEFINITIONS
from leads.definitions import publish_definition
from leads.models import (
    LeadType,
    ScoringCriterion,
    ScoringGroup,
    ScoringModel,
    Source,
    StageDefinition,
)
from leads.scoring_models import publish
from people.defaults import EDIT, FULL, VIEW, Grants, ensure_grants
from people.roles import Role

GRANTS: Final[Grants] = {
    Role.OPERATIONS: {
        "leadtype": EDIT,
        "source": EDIT,
        "campaign": EDIT,
        "stagedefinition": FULL,
        "scoringmodel": FULL,
        "scoringgroup": FULL,
        "scoringcriterion": FULL,
    },
    Role.HANDOFF_OWNER: {
        "leadtype": VIEW,
        "source": VIEW,
        "campaign": VIEW,
        "stagedefinition": VIEW,
        "scoringmodel": VIEW,
        "scoringgroup": VIEW,
        "scoringcriterion": VIEW,
    },
    Role.MARKETER: {"campaign": EDIT, "source": VIEW, "leadtype": VIEW},
}


class TypeRow(NamedTuple):
    code: str
    name: str
    temperature: str
    is_hand_raise: bool
    required_context: list[str]


# INT-02, with the context that CTX-08 asks of each.
LEAD_TYPES: Final = (
    TypeRow(
        "demo",
        "Demo or quote request",
        "hot",
        True,
        ["lead.has_stated_problem", "lead.timing", "contact.title"],
    ),
    TypeRow(
        "consultation",
        "Consultation request",
        "hot",
        True,
        ["lead.source", "lead.landing_page", "lead.has_stated_problem", "company.domain"],
    ),
    TypeRow(
        "download",
        "Content download",
        "warm",
        False,
        ["lead.product_interest", "company.industry", "company.employees"],
    ),
    TypeRow(
        "low_intent",
        "Low-intent form",
        "cold",
        False,
        ["lead.has_stated_problem", "contact.seniority"],
    ),
)

SOURCES: Final = {
    "website": "Website",
    "organic-search": "Organic search",
    "paid-search": "Paid search",
    "social": "Social",
    "paid-social": "Paid social",
    "email": "Email",
    "event": "Event",
    "webinar": "Webinar",
    "referral": "Referral",
    "partner": "Partner",
    "direct": "Direct",
}


class Row(NamedTuple):
    label: str
    field: str
    operator: str
    value: Any
    points: int
    half_life_days: int | None = None


class Group(NamedTuple):
    code: str
    label: str
    cap: int
    rows: tuple[Row, ...]


# Caps are the weights of QUA-09; the points inside follow QUA-07, QUA-13 and QUA-21.
SCORING: Final = (
    Group(
        "title",
        "Title match",
        30,
        (
            Row("C-level", "contact.seniority", "is", "c_level", 30),
            Row("Vice president", "contact.seniority", "is", "vp", 25),
            Row("Director", "contact.seniority", "is", "director", 20),
            Row("Manager", "contact.seniority", "is", "manager", 10),
            Row("Title known", "contact.title", "is_known", None, 5),
            Row("Intern: no buying power", "contact.seniority", "is", "intern", -30),
            Row("Student or job seeker", "contact.seniority", "is", "student", -30),
        ),
    ),
    Group(
        "company",
        "Company size and fit",
        25,
        (
            Row("50 to 500 people", "company.employees", "between", [50, 500], 20),
            Row("More than 500 people", "company.employees", "at_least", 501, 15),
            Row("10 to 49 people", "company.employees", "between", [10, 49], 10),
            Row("Fewer than 10 people", "company.employees", "at_most", 9, 0),
            Row("Industry known", "company.industry", "is_known", None, 5),
            Row("Target account", "company.is_target_account", "is", True, 10),
        ),
    ),
    Group(
        "intent",
        "Intent",
        35,
        (
            Row("Asked for a demo", "signal.demo_request", "at_least", 1, 25, 60),
            Row("Asked for a quote", "signal.quote_request", "at_least", 1, 25, 60),
            Row("Asked for advice", "signal.consultation_request", "at_least", 1, 25, 60),
            Row("Saw the pricing page twice", "signal.pricing_visit", "at_least", 2, 15, 30),
            Row("Took the pricing guide", "signal.pricing_download", "at_least", 1, 15, 30),
            Row("Started a trial", "signal.trial_signup", "at_least", 1, 10, 30),
            Row("Was at a webinar", "signal.webinar_attended", "at_least", 1, 10, 30),
            Row("Came to an event", "signal.event_attended", "at_least", 1, 10, 30),
            Row("Answered an email", "signal.email_reply", "at_least", 1, 10, 30),
            Row("Took a piece of content", "signal.content_download", "at_least", 1, 5, 30),
            Row("Read on the site", "signal.site_visit", "at_least", 3, 5, 14),
            Row("Wants it this quarter", "lead.timing", "one_of", ["now", "this_quarter"], 10),
            Row("Named the problem", "lead.has_stated_problem", "is", True, 5),
        ),
    ),
    Group(
        "contact",
        "Contact verified",
        10,
        (
            Row("Corporate email", "contact.has_corporate_email", "is", True, 10),
            Row("Phone number", "contact.has_phone", "is", True, 10),
            Row("Private email address", "contact.has_corporate_email", "is", False, -5),
        ),
    ),
)


def ensure_leads(*, at: datetime) -> list[str]:
    """Create what is missing and say what that was."""
    ensure_grants("leads", GRANTS)
    return [*_lead_types(), *_sources(), *_scoring_model(at), *_definitions(at)]


def _lead_types() -> list[str]:
    created = []
    for position, row in enumerate(LEAD_TYPES):
        defaults = {**row._asdict(), "position": position}
        lead_type, is_new = LeadType.objects.get_or_create(code=row.code, defaults=defaults)
        if is_new:
            created.append(f"lead type {lead_type}")
    return created


def _sources() -> list[str]:
    if Source.objects.exists():
        return []
    Source.objects.bulk_create(Source(code=code, name=name) for code, name in SOURCES.items())
    return [f"source {name}" for name in SOURCES.values()]


def _scoring_model(at: datetime) -> list[str]:
    if ScoringModel.objects.exists():
        return []
    model = ScoringModel.objects.create(name="Fit and intent", version=1)
    for place, group in enumerate(SCORING):
        parent = ScoringGroup.objects.create(
            model=model, code=group.code, label=group.label, cap=group.cap, position=place
        )
        ScoringCriterion.objects.bulk_create(
            ScoringCriterion(group=parent, position=position, **row._asdict())
            for position, row in enumerate(group.rows)
        )
    publish(model=model, by=None, at=at)
    return [f"scoring model {model}"]


def _definitions(at: datetime) -> list[str]:
    created = []
    for stage, answers in DEFINITIONS.items():
        if StageDefinition.objects.filter(stage=stage).exists():
            continue
        definition = StageDefinition.objects.create(stage=stage, version=1, **answers._asdict())
        publish_definition(definition=definition, by=None, at=at)
        created.append(f"definition of {stage.label}")
    return created
