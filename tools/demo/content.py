"""Create the sources, campaigns and accounts of the demo."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Final

from leads.models import Campaign, Company, Source
from people.models import User
from tools.demo.briefs import BRIEFS, Brief
from tools.demo.flows import FLOWS
from tools.demo.organization import DemoOrganization
from tools.demo.prospects import Firm, Firms

SOURCES: Final = frozenset(brief.source for brief in BRIEFS)
ACCOUNTS_PER_REP: Final = 3
UNOWNED_ACCOUNTS: Final = 14
HOME: Final = {"Europe": "europe", "Americas": "americas", "Asia Pacific": "asia_pacific"}


def create_campaigns(people: DemoOrganization, *, at: datetime) -> None:
    """Create the campaigns; deactivate the sources that none of them uses."""
    Source.objects.exclude(code__in=SOURCES).update(is_active=False)
    sources = Source.objects.in_bulk(SOURCES, field_name="code")
    owners = [people.users["Sofie Maurer"], people.users["Devon Price"]]
    first_days = {flow.campaign: flow.first_day for flow in FLOWS}
    last_days = {flow.campaign: flow.last_day for flow in FLOWS}
    Campaign.objects.bulk_create(
        campaign_of(
            brief,
            sources[brief.source],
            owners[number % 2],
            starts=at - timedelta(days=first_days[brief.code]),
            ends=at - timedelta(days=last_days[brief.code]) if last_days[brief.code] else None,
        )
        for number, brief in enumerate(BRIEFS)
    )


def campaign_of(
    brief: Brief, source: Source, owner: User, *, starts: datetime, ends: datetime | None
) -> Campaign:
    return Campaign(
        code=brief.code,
        name=brief.name,
        source=source,
        owner=owner,
        theme=brief.theme,
        offer=brief.offer,
        landing_page=brief.landing_page,
        problem=brief.problem,
        messaging=brief.messaging,
        talking_points="\n".join(brief.talking_points),
        starts_on=starts.date(),
        ends_on=ends.date() if ends else None,
    )


def create_accounts(
    people: DemoOrganization, firms: Firms, rng: Random, *, at: datetime
) -> dict[int, list[Firm]]:
    """Create the target accounts, some without an owner; return the owned ones by owner."""
    owned: dict[int, list[Firm]] = {}
    rows = []
    for rep in people.reps():
        region = region_of(rep)
        owned[rep.pk] = [firms.create(region, rng, fits=True) for _ in range(ACCOUNTS_PER_REP)]
        rows += [company_of(firm, rep, at=at) for firm in owned[rep.pk]]
    for number in range(UNOWNED_ACCOUNTS):
        region = ("europe", "americas", "asia_pacific")[number % 3]
        rows.append(company_of(firms.create(region, rng, fits=True), None, at=at))
    Company.objects.bulk_create(rows)
    return owned


def region_of(rep: User) -> str:
    continent = rep.time_zone.partition("/")[0]
    return {"Europe": "europe", "America": "americas"}.get(continent, "asia_pacific")


def company_of(firm: Firm, owner: User | None, *, at: datetime) -> Company:
    return Company(
        name=firm.name,
        domain=firm.domain,
        industry=firm.industry,
        employees=firm.employees,
        country=firm.country,
        is_target_account=True,
        is_customer=False,
        owner=owner,
        created_at=at,
        updated_at=at,
    )
