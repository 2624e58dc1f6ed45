"""Carry a normalized touch from intake to capture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from leads.enums import UNNAMED_SYSTEM


class SetAside(TypedDict):
    """A value of a touch that could not be used."""

    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchIn:
    """A touch with clean values: no control characters, nothing longer than its column.

    `email` is lowercase, `phone` E.164 and `domain` the registered domain of a corporate address
    or `website`, without free-mail and disposable hosts. Codes are known codes. Empty means
    unknown: new data never blanks old data. `system` is the source system of `external_id`.
    """

    occurred_at: datetime
    kind: str = "form"
    lead_type: str = ""
    source: str = ""
    campaign: str = ""
    medium: str = ""
    offer: str = ""
    landing_page: str = ""
    referrer: str = ""
    utm: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)

    email: str = ""
    email_is_corporate: bool | None = None
    phone: str = ""
    phone_extension: str = ""
    external_id: str = ""
    # Not in the text of the touch, by which imports know the content of their lines.
    system: str = field(default=UNNAMED_SYSTEM, repr=False)
    name: str = ""
    title: str = ""
    seniority: str = ""
    persona: str = ""
    country: str = ""
    consent: bool | None = None

    company: str = ""
    website: str = ""
    domain: str = ""
    industry: str = ""
    employees: int | None = None
    company_country: str = ""
    region: str = ""
    revenue_band: str = ""
    is_target_account: bool | None = None
    is_customer: bool | None = None
    # The id of a user. Not in the text, so that the content of earlier lines stays the same.
    account_owner: int | None = field(default=None, repr=False)

    stated_problem: str = ""
    product_interest: str = ""
    timing: str = ""
    budget_context: str = ""
    why: str = ""

    set_aside: tuple[SetAside, ...] = ()


@dataclass(frozen=True, slots=True)
class Incoming:
    """A touch with the time and channel of its arrival."""

    touch: TouchIn
    at: datetime
    via: str
    actor_id: int | None = None
    is_historical: bool = False

    @property
    def occurred_at(self) -> datetime:
        return min(self.touch.occurred_at, self.at)
