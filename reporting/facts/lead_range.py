"""Ranges of leads that are counted one after another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from leads.models import Lead

MAX_LEADS: Final = 20_000
# Above every id, so that the last range has what is left behind by leads that are gone.
END: Final = 2**63 - 1


@dataclass(frozen=True)
class LeadRange:
    """The leads after one id and up to another."""

    after: int
    up_to: int

    @property
    def where(self) -> str:
        """Return the SQL condition on rows with a `lead_id`."""
        return "WHERE lead_id > %(after)s AND lead_id <= %(up_to)s"


def leads_after(lead_id: int) -> LeadRange:
    leads = Lead.objects.filter(pk__gt=lead_id).order_by("pk").values_list("pk", flat=True)
    return LeadRange(lead_id, next(iter(leads[MAX_LEADS - 1 : MAX_LEADS]), END))


def ranges_of_leads() -> Iterator[LeadRange]:
    """Return ranges that have every lead, each found when it is asked for."""
    after = 0
    while after < END:
        leads = leads_after(after)
        yield leads
        after = leads.up_to
