"""Leads that are counted together: those with some ids, or a range of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from leads.models import Lead

MAX_LEADS: Final = 20_000
# Above every id, so that the last range has what is left behind by leads that are gone.
END: Final = 2**63 - 1


class LeadSet(Protocol):
    """`leads` is the SQL condition on rows with a `lead_id`, `values` has its parameters."""

    @property
    def leads(self) -> str: ...

    @property
    def values(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class LeadIds:
    ids: Sequence[int]
    leads: str = "WHERE lead_id = ANY(%(leads)s)"

    @property
    def values(self) -> dict[str, Any]:
        return {"leads": list(self.ids)}


@dataclass(frozen=True)
class LeadRange:
    """The leads after one id and up to another."""

    after: int
    up_to: int
    leads: str = "WHERE lead_id > %(after)s AND lead_id <= %(up_to)s"

    @property
    def values(self) -> dict[str, Any]:
        return {"after": self.after, "up_to": self.up_to}


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
