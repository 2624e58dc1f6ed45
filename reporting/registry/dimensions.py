"""The dimensions that figures are filtered and grouped by, as pages name them."""

from collections.abc import Mapping
from typing import Final

LABELS: Final[Mapping[str, str]] = {
    "source": "Source",
    "campaign": "Campaign",
    "lead_type": "Lead type",
    "team": "Team",
    "owner": "Owner",
    "user": "Rep",
    "temperature": "Temperature",
    "reason": "Reason",
}
ALL_LABELS: Final[Mapping[str, str]] = {
    "source": "All sources",
    "campaign": "All campaigns",
    "lead_type": "All lead types",
    "team": "All teams",
}
NONE_LABELS: Final[Mapping[str, str]] = {
    "source": "No source",
    "campaign": "No campaign",
    "lead_type": "No lead type",
    "team": "No team",
    "owner": "No owner",
    "user": "No rep",
    "temperature": "No temperature",
    "reason": "No reason",
}
