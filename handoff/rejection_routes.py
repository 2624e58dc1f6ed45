"""Register the routes of rejected leads; each rejection reason names one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from leads.stages import Stage


@dataclass(frozen=True)
class RejectionRoute:
    """A stage for rejected leads, with follow-up actions.

    Marketing completes the fields `asks_marketing_for` before the lead is offered again;
    `suppresses_contact` puts the contact on the suppression list.
    """

    code: str
    label: str
    stage: Stage
    asks_marketing_for: tuple[str, ...] = ()
    suppresses_contact: bool = False

    @property
    def returns_to_marketing(self) -> bool:
        return self.stage is Stage.ENGAGED


RENURTURE: Final = RejectionRoute("renurture", "Nurture until a date", Stage.NURTURE)
SUPPRESS: Final = RejectionRoute(
    "suppress", "Suppress", Stage.DISQUALIFIED, suppresses_contact=True
)
ENRICH: Final = RejectionRoute(
    "enrich",
    "Back to marketing for better data",
    Stage.ENGAGED,
    asks_marketing_for=("contact.has_email", "contact.has_phone", "contact.title"),
)
# Without the email address: another contact of the company is another lead.
RETURN: Final = RejectionRoute(
    "return",
    "Back to marketing to find another contact",
    Stage.ENGAGED,
    asks_marketing_for=("contact.title", "contact.seniority"),
)
LINK: Final = RejectionRoute("link", "Close as a duplicate", Stage.DISQUALIFIED)
PASSIVE: Final = RejectionRoute("passive", "Nurture until a buying signal", Stage.NURTURE)

ROUTES: Final[Mapping[str, RejectionRoute]] = {
    route.code: route for route in (RENURTURE, SUPPRESS, ENRICH, RETURN, LINK, PASSIVE)
}
