"""Define the acceptance rate once, for the team page and for the reports."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from handoff.models import Handoff

State = Handoff.State

ACCEPTANCE: Final = (
    "Leads whose first answer from sales was yes, of those answered with yes or no. "
    "“Cannot evaluate” is neither: it speaks of missing data."
)
# A no closes the handoff that it answers; what is closed later was accepted before.
NO: Final = Q(state=State.REJECTED, closed_at=F("answered_at"))
NEITHER: Final = Q(state=State.CANNOT_EVALUATE, closed_at=F("answered_at"))


def first_answers(*, opened_since: datetime) -> QuerySet[Handoff]:
    """Return the handoffs with the first answer to each lead; a later rejection does not count."""
    answered = Handoff.objects.exclude(answered_at=None).exclude(NEITHER)
    earlier = answered.filter(lead=OuterRef("lead"), answered_at__lt=OuterRef("answered_at"))
    return answered.filter(
        ~Exists(earlier), answered_at__gte=opened_since, lead__opened_at__gte=opened_since
    )


def first_moment_of(days: int, *, at: datetime) -> datetime:
    """When the last `days` days began, today among them, as the reports count days."""
    zone = ZoneInfo(settings.REPORTING_TIME_ZONE)
    first = at.astimezone(zone).date() - timedelta(days - 1)
    return datetime.combine(first, time(), tzinfo=zone)
