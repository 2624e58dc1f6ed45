"""What a rejection sets in motion: one registry entry per route.

Each rejection reason names a route. To add one, add an entry to ROUTES.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from leads.stages import Stage


@dataclass(frozen=True)
class RejectionRoute:
    """Where a rejected lead goes, and who has to do something about it.

    `asks_marketing_for` are the field codes that marketing completes before the lead is offered
    again; `suppresses_contact` puts the contact on the suppression list.
    """

    code: str
    label: str
    stage: Stage
    asks_marketing_for: tuple[str, ...] = ()
    suppresses_contact: bool = False

    @property
    def returns_to_marketing(self) -> bool:
        return self.stage is Stage.ENGAGED


RENURTURE: Final = RejectionRoute("renurture", "Nurture, and look again later", Stage.NURTURE)
SUPPRESS: Final = RejectionRoute(
    "suppress", "Suppress", Stage.DISQUALIFIED, suppresses_contact=True
)
ENRICH: Final = RejectionRoute(
    "enrich",
    "Back to marketing for better data",
    Stage.ENGAGED,
    asks_marketing_for=("contact.has_email", "contact.has_phone", "contact.title"),
)
# Not the email address: another contact of the company is a lead of their own.
RETURN: Final = RejectionRoute(
    "return",
    "Back to marketing to find another contact",
    Stage.ENGAGED,
    asks_marketing_for=("contact.title", "contact.seniority"),
)
LINK: Final = RejectionRoute("link", "Close as a duplicate of the live record", Stage.DISQUALIFIED)
PASSIVE: Final = RejectionRoute("passive", "Passive nurture until they act", Stage.NURTURE)

ROUTES: Final[Mapping[str, RejectionRoute]] = {
    route.code: route for route in (RENURTURE, SUPPRESS, ENRICH, RETURN, LINK, PASSIVE)
}
