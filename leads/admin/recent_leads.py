"""Read the leads that opened lately, for the consequences that editors show beside a draft."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from core.criteria.fields import Facts
from leads.facts import PATHS, facts_from_row
from leads.models import Lead, LeadQuerySet

DAYS: Final = 30
MAX_LEADS: Final = 1_000


class RecentLead(NamedTuple):
    pk: int
    facts: Facts
    signals: Mapping[str, Mapping[str, Any]]


def recent_leads(
    leads: LeadQuerySet, at: datetime, *, with_company_rep: bool = False
) -> list[RecentLead]:
    """Return the leads of the last days as they are now, the latest first.

    `with_company_rep` costs a statement, and is needed only if a condition asks for it.
    """
    opened = leads.counted().filter(opened_at__gt=at - timedelta(days=DAYS))
    latest = opened.order_by("-opened_at", "-pk")[:MAX_LEADS]
    rows = list(latest.values_list("pk", *PATHS))
    reps: set[int] = set()
    if with_company_rep:
        reps = set(Lead.objects.filter(pk__in=[row[0] for row in rows]).company_reps())
    return [
        RecentLead(row[0], facts_from_row(row[1:], has_company_rep=row[0] in reps), row[-1])
        for row in rows
    ]
