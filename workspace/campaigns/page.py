"""Read the page of a campaign in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final
from urllib.parse import urlencode

from core.days import day_of, start_of
from core.permissions import Right
from handoff.lead_access import visible_leads
from leads.contact_names import name_contacts
from leads.models import Campaign, Lead
from people.models import User
from reporting.pages.campaign import CampaignFigures, campaign_figures
from reporting.pages.context import PRESETS
from reporting.queries.scope import Scope, recent
from workspace.contacts.page import WITH_LEAD

MAX_LEADS: Final = 8


@dataclass
class CampaignPage:
    campaign: Campaign
    scope: Scope
    reader: User
    at: datetime

    @property
    def may_edit(self) -> bool:
        return self.reader.may(Right.EDIT_CAMPAIGNS)

    @property
    def state(self) -> str:
        """Return whether the campaign runs today; empty without dates."""
        starts, ends, today = self.campaign.starts_on, self.campaign.ends_on, day_of(self.at)
        if ends and ends < today:
            return "Ended"
        if starts and starts > today:
            return "Planned"
        return "Running" if starts or ends else ""

    @property
    def periods(self) -> list[tuple[str, str, bool]]:
        """Return links to the same page for other periods."""
        periods = {label: recent(days, self.scope.today) for label, days in PRESETS.items()}
        return [
            (
                label,
                f"?{urlencode({'from': period.first, 'to': period.last})}",
                period == self.scope.period,
            )
            for label, period in periods.items()
        ]

    @cached_property
    def figures(self) -> CampaignFigures:
        return campaign_figures(self.campaign.pk, self.scope, reader=self.reader)

    @property
    def leads(self) -> list[Lead]:
        """Return the latest leads of the period that the reader may open."""
        period = self.scope.period
        leads = (
            visible_leads(self.reader)
            .counted()
            .filter(
                campaign=self.campaign,
                opened_at__gte=start_of(period.first),
                opened_at__lt=start_of(period.last + timedelta(days=1)),
            )
        )
        latest = leads.select_related("contact", *WITH_LEAD).order_by("-opened_at", "-pk")
        shown = list(latest[:MAX_LEADS])
        name_contacts([lead.contact for lead in shown])
        return shown

    @property
    def talking_points(self) -> list[str]:
        return self.campaign.talking_points.splitlines()


def load_campaign(campaign_id: int) -> Campaign | None:
    return Campaign.objects.select_related("source", "owner").filter(pk=campaign_id).first()
