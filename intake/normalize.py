"""Raw field values in, a `TouchIn` out, or every field that is wrong with what is wrong in it.

One table serves the API, its documentation and the import. Plain functions instead of a
serializer: a large file is read at tens of microseconds a line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from core.errors import Refused
from leads.configuration import LeadConfiguration
from leads.models import TouchKind
from leads.models.contacts import RevenueBand, Seniority
from leads.models.leads import Timing
from leads.normalization import values
from leads.normalization.identity import corporate_domain, email, phone, website
from leads.normalization.titles import seniority_of
from leads.normalization.values import BadValue, Reader, quoted
from leads.touches import TouchIn

# A clock that runs ahead by this much is a clock; more is a wrong date.
AHEAD: Final = timedelta(minutes=5)
# More than there are fields; the rest of a body that is something else is not looked at.
MOST_NAMED: Final = 50

READERS: Final[Mapping[str, Reader]] = {
    "occurred_at": values.moment,
    "kind": values.Choice(TouchKind.choices),
    "medium": values.Text(100),
    "offer": values.Text(200),
    "landing_page": values.Text(500),
    "referrer": values.Text(500),
    "utm": values.words,
    "answers": values.named_values,
    "email": email,
    "external_id": values.Text(200),
    "name": values.Text(200),
    "title": values.Text(200),
    "seniority": values.Choice(Seniority.choices),
    "persona": values.Text(100),
    "country": values.country,
    "consent": values.boolean,
    "company": values.Text(200),
    "website": website,
    "industry": values.Text(100),
    "employees": values.integer,
    "company_country": values.country,
    "region": values.Text(100),
    "revenue_band": values.Choice(RevenueBand.choices),
    "stated_problem": values.Text(5_000, many_lines=True),
    "product_interest": values.Text(100),
    "timing": values.Choice(Timing.choices),
    "budget_context": values.Text(300),
    "why": values.Text(300),
}
# Codes that operations define; the words are those of a message.
CODES: Final[Mapping[str, str]] = {
    "source": "source",
    "campaign": "campaign",
    "lead_type": "lead type",
}
FIELDS: Final = frozenset(READERS) | frozenset(CODES) | {"phone"}
WHO: Final = ("email", "phone", "external_id")


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
    """Known codes by every word that names them: the code itself and the name, in lowercase."""

    source: Mapping[str, str]
    campaign: Mapping[str, str]
    lead_type: Mapping[str, str]

    @classmethod
    def of(cls, configuration: LeadConfiguration) -> Vocabulary:
        return cls(
            source=by_word(configuration.sources),
            campaign=by_word(configuration.campaigns),
            lead_type=by_word(configuration.lead_types),
        )


def by_word(rows: Mapping[str, Any]) -> dict[str, str]:
    names = {row.name.lower(): code for code, row in rows.items()}
    return names | {code.lower(): code for code in rows}


def normalize(given: Mapping[str, object], known: Vocabulary, *, at: datetime) -> TouchIn:
    """Every field of `given`, clean; what is empty or null was not said.

    An importer that could not even read a value hands over the `BadValue` in its place.
    """
    clean: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, value in given.items():
        if value is None or value == "":
            continue
        try:
            if isinstance(value, BadValue):
                raise value
            clean[name] = read(name, value, known)
        except BadValue as bad:
            errors.append(FieldError(name, str(bad)))
            if len(errors) == MOST_NAMED:
                break
    read_phone(clean, errors)
    moment = clean.setdefault("occurred_at", at)
    if moment > at + AHEAD:
        errors.append(FieldError("occurred_at", "Must not lie in the future."))
    if not errors and not any(clean.get(name) for name in WHO):
        errors.append(FieldError("email", "Give an email address, a phone or an external_id."))
    if errors:
        raise InvalidTouch([FieldError(shown(error.field), error.message) for error in errors])
    return TouchIn(**derived(clean))


def read(name: str, value: object, known: Vocabulary) -> object:
    reader = READERS.get(name)
    if reader is not None:
        return reader(value)
    if name in CODES:
        return values.known_code(value, getattr(known, name), CODES[name])
    if name == "phone":
        return value
    raise BadValue(" ".join(["Unknown field.", values.close_match(name, FIELDS)]).rstrip())


def read_phone(clean: dict[str, Any], errors: list[FieldError]) -> None:
    """A number without its country code is read in the country that was said beside it."""
    if "phone" not in clean:
        return
    try:
        region = clean.get("country") or clean.get("company_country") or ""
        clean["phone"] = phone(clean["phone"], region)
    except BadValue as bad:
        errors.append(FieldError("phone", str(bad)))


def derived(clean: dict[str, Any]) -> dict[str, Any]:
    """What follows from the rest: the company's domain, a corporate address, the seniority."""
    domain = clean.pop("website", "")
    if "email" in clean:
        of_mail = corporate_domain(clean["email"].rpartition("@")[2])
        clean["email_is_corporate"] = bool(of_mail)
        domain = domain or of_mail
    clean["domain"] = domain
    if clean.get("title") and not clean.get("seniority"):
        clean["seniority"] = seniority_of(clean["title"])
    return clean


def shown(name: str) -> str:
    """A field name as it may be sent back: printable and short."""
    return name if name in FIELDS else quoted(name).strip("“”")
