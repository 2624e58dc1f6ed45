"""List the fields of a lead that routing rules, scoring and segments can use."""

from typing import Final

from core.countries import COUNTRIES
from core.criteria.fields import Catalog, Choices, Field, FieldType, Reads
from leads.stages import CHOICES as STAGES

TEMPERATURES: Final[Choices] = (("hot", "Hot"), ("warm", "Warm"), ("cold", "Cold"))
TIMINGS: Final[Choices] = (
    ("now", "Now"),
    ("this_quarter", "This quarter"),
    ("this_year", "This year"),
    ("later", "Later"),
)
SENIORITIES: Final[Choices] = (
    ("c_level", "C-level"),
    ("vp", "Vice president"),
    ("director", "Director"),
    ("manager", "Manager"),
    ("staff", "Staff"),
    ("intern", "Intern"),
    ("student", "Student"),
)
REVENUE_BANDS: Final[Choices] = (
    ("under_1m", "Under 1 million"),
    ("1m_10m", "1 to 10 million"),
    ("10m_100m", "10 to 100 million"),
    ("over_100m", "Over 100 million"),
)
SIGNALS: Final[Choices] = (
    ("demo_request", "demo requests"),
    ("quote_request", "quote requests"),
    ("consultation_request", "consultation requests"),
    ("pricing_visit", "pricing page visits"),
    ("pricing_download", "pricing downloads"),
    ("content_download", "content downloads"),
    ("webinar_attended", "webinars attended"),
    ("event_attended", "events attended"),
    ("trial_signup", "trial sign-ups"),
    ("email_reply", "email replies"),
    ("site_visit", "site visits"),
    ("form", "forms sent"),
)

TEXT, NUMBER, CHOICE = FieldType.TEXT, FieldType.NUMBER, FieldType.CHOICE
BOOLEAN, MOMENT = FieldType.BOOLEAN, FieldType.MOMENT
LEAD, CONTACT, COMPANY, SIGNAL = "Lead", "Contact", "Company", "Signals"
FILLED, SET = Reads.FILLED, Reads.SET

# With a rep, and of another contact; see `LeadQuerySet.with_company_rep`.
COMPANY_HAS_OPEN_LEAD: Final = "company.has_open_lead"

ALL: Final[tuple[Field, ...]] = (
    Field("lead.type", "Lead type", CHOICE, LEAD, "lead_type__code", choices_from="lead_types"),
    Field("lead.temperature", "Temperature", CHOICE, LEAD, "temperature", choices=TEMPERATURES),
    Field("lead.source", "Source", CHOICE, LEAD, "source__code", choices_from="sources"),
    Field("lead.campaign", "Campaign", CHOICE, LEAD, "campaign__code", choices_from="campaigns"),
    Field("lead.medium", "Medium", TEXT, LEAD, "medium"),
    Field("lead.landing_page", "Landing page", TEXT, LEAD, "landing_page"),
    Field("lead.stage", "Stage", CHOICE, LEAD, "stage", choices=STAGES),
    Field("lead.score", "Score", NUMBER, LEAD, "score", "points"),
    Field("lead.intent_score", "Intent score", NUMBER, LEAD, "intent_score", "points"),
    Field("lead.touch_count", "Number of touches", NUMBER, LEAD, "touch_count"),
    Field("lead.product_interest", "Product interest", TEXT, LEAD, "product_interest"),
    Field("lead.timing", "Timing", CHOICE, LEAD, "timing", choices=TIMINGS),
    Field(
        "lead.has_stated_problem",
        "Problem stated",
        BOOLEAN,
        LEAD,
        "stated_problem",
        reads=FILLED,
        phrases=("Problem is stated", "Problem is not stated"),
    ),
    Field("lead.opened_at", "Opened", MOMENT, LEAD, "opened_at"),
    Field("lead.latest_touch_at", "Latest touch", MOMENT, LEAD, "latest_touch_at"),
    Field("contact.title", "Title", TEXT, CONTACT, "contact__title"),
    Field(
        "contact.seniority",
        "Seniority",
        CHOICE,
        CONTACT,
        "contact__seniority",
        choices=SENIORITIES,
    ),
    Field("contact.persona", "Persona", TEXT, CONTACT, "contact__persona"),
    Field(
        "contact.country",
        "Country of the contact",
        CHOICE,
        CONTACT,
        "contact__country",
        "",
        COUNTRIES,
    ),
    Field(
        "contact.has_email",
        "Email given",
        BOOLEAN,
        CONTACT,
        "contact__email",
        reads=FILLED,
        phrases=("Email is given", "Email is not given"),
    ),
    Field(
        "contact.has_corporate_email",
        "Corporate email",
        BOOLEAN,
        CONTACT,
        "contact__email_is_corporate",
        phrases=("Email is corporate", "Email is not corporate"),
    ),
    Field(
        "contact.has_phone",
        "Phone given",
        BOOLEAN,
        CONTACT,
        "contact__phone",
        reads=FILLED,
        phrases=("Phone is given", "Phone is not given"),
    ),
    Field(
        "contact.is_suppressed",
        "Suppressed",
        BOOLEAN,
        CONTACT,
        "contact__suppressed_at",
        reads=SET,
        phrases=("Contact is suppressed", "Contact is not suppressed"),
    ),
    Field("company.name", "Company", TEXT, COMPANY, "company__name"),
    Field("company.domain", "Company website", TEXT, COMPANY, "company__domain"),
    Field("company.industry", "Industry", TEXT, COMPANY, "company__industry"),
    Field("company.employees", "Company size", NUMBER, COMPANY, "company__employees", "employees"),
    Field(
        "company.country",
        "Country of the company",
        CHOICE,
        COMPANY,
        "company__country",
        "",
        COUNTRIES,
    ),
    Field("company.region", "Region", TEXT, COMPANY, "company__region"),
    Field(
        "company.revenue_band",
        "Revenue band",
        CHOICE,
        COMPANY,
        "company__revenue_band",
        choices=REVENUE_BANDS,
    ),
    Field(
        "company.is_target_account",
        "Target account",
        BOOLEAN,
        COMPANY,
        "company__is_target_account",
        phrases=("Company is a target account", "Company is not a target account"),
    ),
    Field(
        "company.is_customer",
        "Customer",
        BOOLEAN,
        COMPANY,
        "company__is_customer",
        phrases=("Company is a customer", "Company is not a customer"),
    ),
    Field(
        "company.has_owner",
        "Account owner",
        BOOLEAN,
        COMPANY,
        "company__owner",
        reads=SET,
        phrases=("Account owner is set", "Account owner is not set"),
    ),
    Field(
        COMPANY_HAS_OPEN_LEAD,
        "Company has an open lead",
        BOOLEAN,
        COMPANY,
        "company_rep",
        reads=SET,
        phrases=(
            "Company has another open lead with a rep",
            "Company has no other open lead with a rep",
        ),
        is_computed=True,
    ),
    *(
        Field(f"signal.{kind}", f"Number of {things}", NUMBER, SIGNAL, "signals", reads=Reads.COUNT)
        for kind, things in SIGNALS
    ),
)
CATALOG: Final[Catalog] = {field.code: field for field in ALL}
