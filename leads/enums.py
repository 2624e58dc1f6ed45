"""Choices that several models and the ways in share."""

from typing import Final

from django.db import models

# The source system of external ids whose sender names none.
UNNAMED_SYSTEM: Final = "unnamed"
NAME_UNKNOWN: Final = "Name unknown"


class Temperature(models.TextChoices):
    HOT = "hot", "Hot"
    WARM = "warm", "Warm"
    COLD = "cold", "Cold"


class Timing(models.TextChoices):
    NOW = "now", "Now"
    THIS_QUARTER = "this_quarter", "This quarter"
    THIS_YEAR = "this_year", "This year"
    LATER = "later", "Later"


class TouchKind(models.TextChoices):
    FORM = "form", "Form"
    DEMO_REQUEST = "demo_request", "Demo request"
    QUOTE_REQUEST = "quote_request", "Quote request"
    CONSULTATION_REQUEST = "consultation_request", "Consultation request"
    PRICING_VISIT = "pricing_visit", "Pricing page visit"
    PRICING_DOWNLOAD = "pricing_download", "Pricing download"
    CONTENT_DOWNLOAD = "content_download", "Content download"
    WEBINAR_ATTENDED = "webinar_attended", "Webinar attended"
    EVENT_ATTENDED = "event_attended", "Event attended"
    TRIAL_SIGNUP = "trial_signup", "Trial sign-up"
    EMAIL_REPLY = "email_reply", "Email reply"
    SITE_VISIT = "site_visit", "Site visit"


class Seniority(models.TextChoices):
    C_LEVEL = "c_level", "C-level"
    VP = "vp", "Vice president"
    DIRECTOR = "director", "Director"
    MANAGER = "manager", "Manager"
    STAFF = "staff", "Staff"
    INTERN = "intern", "Intern"
    STUDENT = "student", "Student"


class RevenueBand(models.TextChoices):
    UNDER_1M = "under_1m", "Under 1 million"
    FROM_1M = "1m_10m", "1 to 10 million"
    FROM_10M = "10m_100m", "10 to 100 million"
    OVER_100M = "over_100m", "Over 100 million"
