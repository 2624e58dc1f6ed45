"""Define the acceptance rate, and count it from handoffs alone, to compare with the reports."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from handoff.models import Handoff

State = Handoff.State

ACCEPTANCE: Final = (
    "Leads whose first answer was an acceptance, out of all leads that were accepted or rejected. "
    "“Cannot evaluate” does not count, because data was missing."
)
# A rejection closes the handoff at once; a handoff that closes later was accepted first.
REJECTED: Final = Q(state=State.REJECTED, closed_at=F("answered_at"))
CANNOT_EVALUATE: Final = Q(state=State.CANNOT_EVALUATE, closed_at=F("answered_at"))


def first_answers(*, opened_since: datetime) -> QuerySet[Handoff]:
    """Return the handoffs with the first answer to each lead; a later rejection does not count."""
    answered = Handoff.objects.exclude(answered_at=None).exclude(CANNOT_EVALUATE)
    earlier = answered.filter(lead=OuterRef("lead"), answered_at__lt=OuterRef("answered_at"))
    return answered.filter(
        ~Exists(earlier), answered_at__gte=opened_since, lead__opened_at__gte=opened_since
    )
