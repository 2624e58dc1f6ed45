"""The seven reasons of REJ-07, each with what it sets in motion (REJ-14..18, 1.23)."""

from __future__ import annotations

from typing import Final, NamedTuple

from handoff.models import RejectionReason
from people.defaults import EDIT, VIEW, Grants, ensure_grants
from people.roles import Role

GRANTS: Final[Grants] = {
    Role.OPERATIONS: {"rejectionreason": EDIT},
    Role.HANDOFF_OWNER: {"rejectionreason": VIEW},
}
Route, Fault = RejectionReason.Route, RejectionReason.Fault


class Row(NamedTuple):
    code: str
    label: str
    help: str
    route: RejectionReason.Route
    fault: RejectionReason.Fault
    cool_down_days: int | None = None
    requires_attempts: bool = False


REASONS: Final = (
    Row(
        "not_icp",
        "Not our customer profile",
        "Industry, size, region or role lies outside the profile.",
        Route.SUPPRESS,
        Fault.AUDIENCE,
    ),
    Row(
        "no_budget",
        "No budget or project canceled",
        "They want it and cannot pay for it in this budget cycle.",
        Route.RENURTURE,
        Fault.NONE,
        cool_down_days=365,
    ),
    Row(
        "no_authority",
        "No authority",
        "The company fits, but this person has no say in the purchase.",
        Route.RETURN,
        Fault.AUDIENCE,
    ),
    Row(
        "bad_timing",
        "Bad timing",
        "Need and budget are there, but not before six months from now.",
        Route.RENURTURE,
        Fault.NONE,
        cool_down_days=180,
    ),
    Row(
        "duplicate",
        "Duplicate or already in the pipeline",
        "Somebody is already working with them.",
        Route.LINK,
        Fault.NONE,
    ),
    Row(
        "unresponsive",
        "Unresponsive",
        "The agreed attempts are logged and none was answered.",
        Route.PASSIVE,
        Fault.NONE,
        requires_attempts=True,
    ),
    Row(
        "bad_data",
        "Bad data",
        "Name, address or number is wrong, so nobody can be reached.",
        Route.ENRICH,
        Fault.FORM,
    ),
)


def ensure_reasons() -> list[str]:
    """Create what is missing and say what that was."""
    ensure_grants("handoff", GRANTS)
    if RejectionReason.objects.exists():
        return []
    RejectionReason.objects.bulk_create(
        RejectionReason(position=position, **row._asdict()) for position, row in enumerate(REASONS)
    )
    return [f"reason {row.label}" for row in REASONS]
