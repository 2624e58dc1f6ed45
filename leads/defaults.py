"""Create lead types, sources, the scoring model and definitions of a new installation."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from leads.default_definitions import DEFINITIONS
from leads.default_titles import TITLES
from leads.definitions import publish_definition
from leads.models import (
    LeadType,
    MailDomain,
    ScoringCriterion,
    ScoringGroup,
    ScoringModel,
    Source,
    StageDefinition,
    TitlePhrases,
    TouchKind,
    TouchKindRule,
)
from leads.scoring_models import publish
from people.defaults import CHANGE, EDIT, FULL, VIEW, Grants, ensure_grants
from people.roles import Role

GRANTS: Final[Grants] = {
    Role.OPERATIONS: {
        "company": CHANGE,
        "contact": CHANGE,
        "leadtype": EDIT,
        "touchkindrule": EDIT,
        "source": EDIT,
        "sourcesystem": EDIT,
        "externalid": FULL,
        "campaign": EDIT,
        "stagedefinition": FULL,
        "scoringmodel": FULL,
        "scoringgroup": FULL,
        "scoringcriterion": FULL,
        "titlephrases": FULL,
        "maildomain": FULL,
    },
    Role.HANDOFF_OWNER: {
        "leadtype": VIEW,
        "touchkindrule": VIEW,
        "source": VIEW,
        "sourcesystem": VIEW,
        "campaign": VIEW,
        "stagedefinition": VIEW,
        "scoringmodel": VIEW,
        "scoringgroup": VIEW,
        "scoringcriterion": VIEW,
        "titlephrases": VIEW,
        "maildomain": VIEW,
    },
    Role.MARKETER: {
        "company": CHANGE,
        "contact": CHANGE,
        "campaign": EDIT,
        "source": VIEW,
        "sourcesystem": VIEW,
        "externalid": FULL,
        "leadtype": VIEW,
    },
}


class DefaultType(NamedTuple):
    code: str
    name: str
    temperature: str
    is_hand_raise: bool
    required_context: list[str]


LEAD_TYPES: Final = (
    DefaultType(
        "demo",
        "Demo or quote request",
        "hot",
        True,
        ["lead.has_stated_problem", "lead.timing", "contact.title"],
    ),
    DefaultType(
        "consultation",
        "Consultation request",
        "hot",
        True,
        ["lead.source", "lead.landing_page", "lead.has_stated_problem", "company.domain"],
    ),
    DefaultType(
        "download",
        "Content download",
        "warm",
        False,
        ["lead.product_interest", "company.industry", "company.employees"],
    ),
    DefaultType(
        "low_intent",
        "Low-intent form",
        "cold",
        False,
        ["lead.has_stated_problem", "contact.seniority"],
    ),
)

# Lead types by kind of touch, and whether the kind is a buying signal.
TOUCH_KINDS: Final = {
    TouchKind.DEMO_REQUEST: ("demo", True),
    TouchKind.QUOTE_REQUEST: ("demo", True),
    TouchKind.CONSULTATION_REQUEST: ("consultation", True),
    TouchKind.CONTENT_DOWNLOAD: ("download", False),
    TouchKind.PRICING_DOWNLOAD: ("download", False),
}

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


# The packages lack some providers and list some employers.
FREE_MAIL: Final = (
    *("appleid.com", "comhem.se", "daum.net", "hey.com", "mailbox.org", "mozmail.com"),
    *("online.no", "passmail.net", "relay.firefox.com", "sfr.fr", "simplelogin.com"),
    *("sunrise.ch", "sympatico.ca", "tuta.com", "tutanota.com", "vodafone.de"),
)
EMPLOYERS: Final = (
    *("alibaba.com", "cox.com", "easypost.com", "medscape.com", "name.com", "nus.edu.sg"),
    *("telstra.com", "unican.es"),
)


class Points(NamedTuple):
    label: str
    field: str
    operator: str
    value: Any
    points: int
    half_life_days: int | None = None


class DefaultGroup(NamedTuple):
    code: str
    label: str
    cap: int
    criteria: tuple[Points, ...]


SCORING: Final = (
    DefaultGroup(
        "title",
        "Title match",
        30,
        (
            Points("C-level", "contact.seniority", "is", "c_level", 30),
            Points("Vice president", "contact.seniority", "is", "vp", 25),
            Points("Director", "contact.seniority", "is", "director", 20),
            Points("Manager", "contact.seniority", "is", "manager", 10),
            Points("Title known", "contact.title", "is_known", None, 5),
            Points("Intern: no purchasing authority", "contact.seniority", "is", "intern", -30),
            Points("Student or job seeker", "contact.seniority", "is", "student", -30),
        ),
    ),
    DefaultGroup(
        "company",
        "Company size and fit",
        25,
        (
            Points("50 to 500 employees", "company.employees", "between", [50, 500], 20),
            Points("More than 500 employees", "company.employees", "at_least", 501, 15),
            Points("10 to 49 employees", "company.employees", "between", [10, 49], 10),
            Points("Fewer than 10 employees", "company.employees", "at_most", 9, 0),
            Points("Industry known", "company.industry", "is_known", None, 5),
            Points("Target account", "company.is_target_account", "is", True, 10),
        ),
    ),
    DefaultGroup(
        "intent",
        "Intent",
        35,
        (
            Points("Requested a demo", "signal.demo_request", "at_least", 1, 25, 60),
            Points("Requested a quote", "signal.quote_request", "at_least", 1, 25, 60),
            Points("Requested consultation", "signal.consultation_request", "at_least", 1, 25, 60),
            Points("Visited the pricing page twice", "signal.pricing_visit", "at_least", 2, 15, 30),
            Points("Downloaded pricing guide", "signal.pricing_download", "at_least", 1, 15, 30),
            Points("Started a trial", "signal.trial_signup", "at_least", 1, 10, 30),
            Points("Attended a webinar", "signal.webinar_attended", "at_least", 1, 10, 30),
            Points("Attended an event", "signal.event_attended", "at_least", 1, 10, 30),
            Points("Replied to an email", "signal.email_reply", "at_least", 1, 10, 30),
            Points("Downloaded content", "signal.content_download", "at_least", 1, 5, 30),
            Points("Visited the site three times", "signal.site_visit", "at_least", 3, 5, 14),
            Points("Buying this quarter", "lead.timing", "one_of", ["now", "this_quarter"], 10),
            Points("Stated the problem", "lead.has_stated_problem", "is", True, 5),
        ),
    ),
    DefaultGroup(
        "contact",
        "Contact verified",
        10,
        (
            Points("Corporate email", "contact.has_corporate_email", "is", True, 10),
            Points("Phone number", "contact.has_phone", "is", True, 10),
            Points("Personal email address", "contact.has_corporate_email", "is", False, -5),
        ),
    ),
)


def ensure_leads(*, at: datetime) -> list[str]:
    """Create what is missing and return its names."""
    ensure_grants("leads", GRANTS)
    _words()
    return [*_lead_types(), *_touch_kinds(), *_sources(), *_scoring_model(at), *_definitions(at)]


def _lead_types() -> list[str]:
    created = []
    for position, row in enumerate(LEAD_TYPES):
        defaults = {**row._asdict(), "position": position}
        lead_type, is_new = LeadType.objects.get_or_create(code=row.code, defaults=defaults)
        if is_new:
            created.append(f"lead type {lead_type}")
    return created


def _touch_kinds() -> list[str]:
    if TouchKindRule.objects.exists():
        return []
    lead_types = {lead_type.code: lead_type for lead_type in LeadType.objects.all()}
    TouchKindRule.objects.bulk_create(
        TouchKindRule(kind=kind, lead_type=lead_types.get(code), is_buying_signal=is_signal)
        for kind, (code, is_signal) in TOUCH_KINDS.items()
    )
    return [f"touch kind {kind.label}" for kind in TOUCH_KINDS]


def _sources() -> list[str]:
    if Source.objects.exists():
        return []
    Source.objects.bulk_create(Source(code=code, name=name) for code, name in SOURCES.items())
    return [f"source {name}" for name in SOURCES.values()]


def _words() -> None:
    """Create the phrases of job titles and the corrections of mail domains, if there are none."""
    if not TitlePhrases.objects.exists():
        TitlePhrases.objects.bulk_create(
            TitlePhrases(seniority=seniority, phrases=phrases) for seniority, phrases in TITLES
        )
    if not MailDomain.objects.exists():
        MailDomain.objects.bulk_create(
            MailDomain(domain=domain, is_corporate=is_corporate)
            for is_corporate, domains in ((False, FREE_MAIL), (True, EMPLOYERS))
            for domain in domains
        )


def _scoring_model(at: datetime) -> list[str]:
    if ScoringModel.objects.exists():
        return []
    model = ScoringModel.objects.create(name="Fit and intent", version=1)
    for position, group in enumerate(SCORING):
        parent = ScoringGroup.objects.create(
            model=model, code=group.code, label=group.label, cap=group.cap, position=position
        )
        ScoringCriterion.objects.bulk_create(
            ScoringCriterion(group=parent, position=position, **row._asdict())
            for position, row in enumerate(group.criteria)
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
