"""Register the routes of rejected leads; each rejection reason names one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from leads.stages import CLOSED, Stage


@dataclass(frozen=True)
class RejectionRoute:
    """A stage for rejected leads, with follow-up actions.

    `consequence` tells the rep what happens, before they choose the reason.
    Marketing completes the fields `asks_marketing_for` before the lead is offered again;
    `suppresses_contact` puts the contact on the suppression list. `needs` are the columns that a
    reason of this route must fill in, with what to say if it does not.
    """

    code: str
    label: str
    stage: Stage
    consequence: str
    asks_marketing_for: tuple[str, ...] = ()
    suppresses_contact: bool = False
    needs: Mapping[str, str] = field(default_factory=dict)

    @property
    def keeps_lead_open(self) -> bool:
        return self.stage not in CLOSED

    @property
    def returns_to_marketing(self) -> bool:
        return self.stage is Stage.ENGAGED


RENURTURE: Final = RejectionRoute(
    "renurture",
    "Nurture until a date",
    Stage.NURTURE,
    "Goes to nurture.",
    needs={"cool_down_days": "Enter after how many days these leads may resurface."},
)
SUPPRESS: Final = RejectionRoute(
    "suppress",
    "Suppress",
    Stage.DISQUALIFIED,
    "Closes the lead and suppresses the contact.",
    suppresses_contact=True,
)
ENRICH: Final = RejectionRoute(
    "enrich",
    "Back to marketing for better data",
    Stage.ENGAGED,
    "Goes back to marketing for better data.",
    asks_marketing_for=("contact.has_email", "contact.has_phone", "contact.title"),
)
# Without the email address: another contact of the company is another lead.
RETURN: Final = RejectionRoute(
    "return",
    "Back to marketing to find another contact",
    Stage.ENGAGED,
    "Goes back to marketing to find another contact.",
    asks_marketing_for=("contact.title", "contact.seniority"),
)
LINK: Final = RejectionRoute(
    "link", "Close as a duplicate", Stage.DISQUALIFIED, "Closes the lead as a duplicate."
)
PASSIVE: Final = RejectionRoute(
    "passive",
    "Nurture until a buying signal",
    Stage.NURTURE,
    "Goes to nurture until a buying signal.",
    needs={"signal_kinds": "Choose at least one touch that ends their wait."},
)

ROUTES: Final[Mapping[str, RejectionRoute]] = {
    route.code: route for route in (RENURTURE, SUPPRESS, ENRICH, RETURN, LINK, PASSIVE)
}
