"""Turn raw field values into a `TouchIn`, and set aside every value that is wrong.

All ways in use the same table of fields, and so does their documentation. Plain functions instead
of a serializer, so that a line of a large file takes tens of microseconds.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings

from core.errors import Refused
from intake.account_owners import account_owner
from leads.configuration import LeadConfiguration
from leads.enums import UNNAMED_SYSTEM, RevenueBand, Seniority, Timing
from leads.models import TouchKind
from leads.normalization import values
from leads.normalization.identity import MailHosts, email, phone, website
from leads.normalization.titles import TitleTable
from leads.normalization.values import BadValue, ValueReader, quoted
from leads.touches import SetAside, TouchIn

# Clocks of senders may be ahead by this much; a later date is an error.
MAX_CLOCK_SKEW: Final = timedelta(minutes=5)
# More than there are fields, so of a wrong body only the known fields are read to its end.
MAX_ERRORS: Final = 50
MAX_SET_ASIDE: Final = 500

READERS: Final[Mapping[str, ValueReader]] = {
    "occurred_at": values.moment,
    "kind": values.ChoiceReader(TouchKind.choices),
    "medium": values.Text(100),
    "offer": values.Text(200),
    "landing_page": values.Text(500),
    "referrer": values.Text(500),
    "utm": values.named_texts,
    "answers": values.named_values,
    "email": email,
    "external_id": values.Text(200),
    "name": values.Text(200),
    "title": values.Text(200),
    "seniority": values.ChoiceReader(Seniority.choices),
    "persona": values.Text(100),
    "country": values.country,
    "consent": values.boolean,
    "company": values.Text(200),
    "website": website,
    "industry": values.Text(100),
    "employees": values.integer,
    "company_country": values.country,
    "region": values.Text(100),
    "revenue_band": values.ChoiceReader(RevenueBand.choices),
    "is_target_account": values.boolean,
    "is_customer": values.boolean,
    "account_owner": account_owner,
    "stated_problem": values.Text(5_000, many_lines=True),
    "product_interest": values.Text(100),
    "timing": values.ChoiceReader(Timing.choices),
    "budget_context": values.Text(300),
    "why": values.Text(300),
}
# Codes that operations define, each with its name in messages.
CODES: Final[Mapping[str, str]] = {
    "source": "source",
    "campaign": "campaign",
    "lead_type": "lead type",
}
FIELDS: Final = frozenset(READERS) | frozenset(CODES) | {"phone"}
IDENTITY_FIELDS: Final = ("email", "phone", "external_id")


@dataclass(frozen=True, slots=True)
class FieldError:
    field: str
    message: str


class InvalidTouch(Refused):
    code = "invalid_touch"

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Known codes, by code and by name, in lowercase, and what settings say about values."""

    source: Mapping[str, str]
    campaign: Mapping[str, str]
    lead_type: Mapping[str, str]
    titles: TitleTable
    mail_hosts: MailHosts
    own_readers: Mapping[str, ValueReader]

    @classmethod
    def of(cls, configuration: LeadConfiguration, **readers: ValueReader) -> Vocabulary:
        """Read some fields by other readers than those of the table."""
        moment = values.Moment(ZoneInfo(settings.REPORTING_TIME_ZONE))
        return cls(
            source=by_code_and_name(configuration.sources),
            campaign=by_code_and_name(configuration.campaigns),
            lead_type=by_code_and_name(configuration.lead_types),
            titles=configuration.titles,
            mail_hosts=configuration.mail_hosts,
            own_readers={"occurred_at": moment, **readers},
        )


def by_code_and_name(rows: Mapping[str, Any]) -> dict[str, str]:
    names = {row.name.lower(): code for code, row in rows.items()}
    return names | {code.lower(): code for code in rows}


def normalize(
    raw: Mapping[str, object],
    vocabulary: Vocabulary,
    *,
    at: datetime,
    required: Container[str] = (),
    system: str = UNNAMED_SYSTEM,
) -> TouchIn:
    """Return the touch with clean values; ignore empty and null values.

    A value that cannot be used is set aside. Raise InvalidTouch with all errors if no identity
    is left, or if a required field is wrong. A `BadValue` in place of a value is an error.
    """
    clean: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, value in raw.items():
        if value is None or value == "":
            continue
        if len(errors) >= MAX_ERRORS and name not in FIELDS:
            continue
        try:
            if isinstance(value, BadValue):
                raise value
            clean[name] = read_value(name, value, vocabulary)
        except BadValue as bad:
            errors.append(FieldError(name, str(bad)))
    normalize_phone(clean, errors)
    occurred_at = clean.setdefault("occurred_at", at)
    if occurred_at > at + MAX_CLOCK_SKEW:
        clean["occurred_at"] = at
        errors.append(FieldError("occurred_at", "Must not be in the future."))
    if not any(clean.get(name) for name in IDENTITY_FIELDS):
        if not any(error.field in IDENTITY_FIELDS for error in errors):
            errors.append(FieldError("email", "An email, phone or external_id is required."))
        raise InvalidTouch(printable(errors))
    if any(error.field in required for error in errors):
        raise InvalidTouch(printable(errors))
    if errors:
        clean["set_aside"] = tuple(set_aside(error, raw) for error in errors)
    return TouchIn(**with_derived(clean, vocabulary), system=system)


def check_nothing_set_aside(touch: TouchIn) -> None:
    """Raise InvalidTouch for a sender that wants all of its values or none."""
    if touch.set_aside:
        raise InvalidTouch(
            [FieldError(value["field"], value["reason"]) for value in touch.set_aside]
        )


def set_aside(error: FieldError, raw: Mapping[str, object]) -> SetAside:
    """Return the value as text, short and without control characters."""
    value = raw.get(error.field, "")
    shown = value if isinstance(value, str) else json.dumps(value, default=str)
    return SetAside(
        field=printable_name(error.field),
        value=quoted(shown, MAX_SET_ASIDE).strip("“”"),
        reason=error.message,
    )


def read_value(name: str, value: object, vocabulary: Vocabulary) -> object:
    reader = vocabulary.own_readers.get(name) or READERS.get(name)
    if reader is not None:
        return reader(value)
    if name in CODES:
        return values.known_code(value, getattr(vocabulary, name), CODES[name])
    if name == "phone":
        return value
    raise BadValue(" ".join(["Unknown field.", values.close_match(name, FIELDS)]).rstrip())


def normalize_phone(clean: dict[str, Any], errors: list[FieldError]) -> None:
    """Normalize the phone last: a number without country code needs the country."""
    if "phone" not in clean:
        return
    try:
        region = clean.get("country") or clean.get("company_country") or ""
        clean["phone"], clean["phone_extension"] = phone(clean["phone"], region)
    except BadValue as bad:
        del clean["phone"]
        errors.append(FieldError("phone", str(bad)))


def with_derived(clean: dict[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    """Add the domain of the company, whether the email is corporate, and the seniority."""
    hosts = vocabulary.mail_hosts
    domain = hosts.website_domain(clean["website"]) if "website" in clean else ""
    if "email" in clean:
        email_domain = hosts.corporate_domain(clean["email"].rpartition("@")[2])
        clean["email_is_corporate"] = bool(email_domain)
        domain = domain or email_domain
    clean["domain"] = domain
    if clean.get("title") and not clean.get("seniority"):
        clean["seniority"] = vocabulary.titles.seniority_of(clean["title"])
    return clean


def printable(errors: Iterable[FieldError]) -> list[FieldError]:
    return [FieldError(printable_name(error.field), error.message) for error in errors]


def printable_name(name: str) -> str:
    """Return an unknown field name short and without control characters."""
    return name if name in FIELDS else quoted(name).strip("“”")
