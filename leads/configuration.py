"""Keep the published configuration in memory and reload it when it has changed.

Triggers give the single row of `leads_configuration` a new stamp with every change to
configuration. A hot path reads the stamp with its other data and reloads only for a new one.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from core.errors import Refused
from core.snapshot import Snapshot
from core.versioning.models import ContentStatus
from leads.models import (
    Campaign,
    LeadType,
    MailDomain,
    ScoringModel,
    Source,
    TitlePhrases,
    TouchKindRule,
)
from leads.normalization.identity import MailHosts
from leads.normalization.titles import TitleTable
from leads.scoring import Model, model_from_rows
from people.models import Team

STAMP_SQL = "(SELECT stamp FROM leads_configuration)"


class NotConfigured(Refused):
    code = "not_configured"


def current_stamp() -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {STAMP_SQL}")
        row = cursor.fetchone()
    return row[0] if row else None


@dataclass(frozen=True, eq=False)
class LeadConfiguration:
    """One instance per stamp, so it is usable as a cache key."""

    sources: dict[str, Source]
    campaigns: dict[str, Campaign]
    lead_types: dict[str, LeadType]
    lead_types_by_id: dict[int, LeadType]
    sources_by_id: dict[int, Source]
    campaigns_by_id: dict[int, Campaign]
    titles: TitleTable
    mail_hosts: MailHosts
    scoring: Model
    scoring_id: int
    mql_threshold: int
    marketing_team_id: int
    types_by_kind: dict[str, LeadType]
    buying_signals: tuple[str, ...]


def load() -> LeadConfiguration:
    sources = list(Source.objects.all())
    campaigns = list(Campaign.objects.all())
    lead_types = list(LeadType.objects.all())
    published = ScoringModel.objects.filter(status=ContentStatus.PUBLISHED).first()
    if published is None:
        raise NotConfigured("No scoring model is published. Publish one in the admin.")
    marketing = (
        Team.objects.filter(function=Team.Function.MARKETING, is_active=True).order_by("pk").first()
    )
    if marketing is None:
        raise NotConfigured("There is no active marketing team. Create one in the admin.")
    kinds = list(TouchKindRule.objects.order_by("pk"))
    types_by_id = {lead_type.pk: lead_type for lead_type in lead_types}
    return LeadConfiguration(
        sources={source.code: source for source in sources},
        campaigns={campaign.code: campaign for campaign in campaigns},
        lead_types={lead_type.code: lead_type for lead_type in lead_types},
        lead_types_by_id=types_by_id,
        sources_by_id={source.pk: source for source in sources},
        campaigns_by_id={campaign.pk: campaign for campaign in campaigns},
        titles=TitleTable(TitlePhrases.objects.order_by("pk").values_list("seniority", "phrases")),
        mail_hosts=MailHosts(dict(MailDomain.objects.values_list("domain", "is_corporate"))),
        scoring=model_from_rows(published),
        scoring_id=published.pk,
        mql_threshold=published.mql_threshold,
        marketing_team_id=marketing.pk,
        types_by_kind={
            row.kind: types_by_id[row.lead_type_id] for row in kinds if row.lead_type_id
        },
        buying_signals=tuple(row.kind for row in kinds if row.is_buying_signal),
    )


configuration: Snapshot[LeadConfiguration] = Snapshot(load, current_stamp)
