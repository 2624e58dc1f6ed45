"""Names of what figures are grouped by, as each process holds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.snapshot import Snapshot
from leads.configuration import current_stamp
from leads.models import Campaign, LeadType, Source
from people.models import Team
from reporting.queries.scope import Key

NamesByKey = Mapping[Key, str]


def load() -> dict[str, dict[Key, str]]:
    return {
        "source": dict(Source.objects.values_list("pk", "name")),
        "campaign": dict(Campaign.objects.values_list("pk", "name")),
        "lead_type": dict(LeadType.objects.values_list("pk", "name")),
        "team": dict(Team.objects.values_list("pk", "name")),
    }


configured_names: Final[Snapshot[dict[str, dict[Key, str]]]] = Snapshot(load, current_stamp)
