"""The rejection reasons of a new installation, each with what it sets in motion."""

from __future__ import annotations

from typing import Final, NamedTuple

from handoff.models import RejectionReason
from handoff.rejection_routes import (
    ENRICH,
    LINK,
    PASSIVE,
    RENURTURE,
    RETURN,
    SUPPRESS,
    RejectionRoute,
)
from people.defaults import EDIT, VIEW, Grants, ensure_grants
from people.roles import Role

GRANTS: Final[Grants] = {
    Role.OPERATIONS: {"rejectionreason": EDIT},
    Role.HANDOFF_OWNER: {"rejectionreason": VIEW},
}
Fault = RejectionReason.Fault


class DefaultReason(NamedTuple):
    code: str
    label: str
    help: str
    route: RejectionRoute
    fault: RejectionReason.Fault
    cool_down_days: int | None = None
    requires_attempts: bool = False


REASONS: Final = (
    DefaultReason(
        "not_icp",
        "Not our customer profile",
        "Industry, size, region or role lies outside the profile.",
        SUPPRESS,
        Fault.AUDIENCE,
    ),
    DefaultReason(
        "no_budget",
        "No budget or project canceled",
        "They want it and cannot pay for it in this budget cycle.",
        RENURTURE,
        Fault.NONE,
        cool_down_days=365,
    ),
    DefaultReason(
        "no_authority",
        "No authority",
        "The company fits, but this person has no say in the purchase.",
        RETURN,
        Fault.AUDIENCE,
    ),
    DefaultReason(
        "bad_timing",
        "Bad timing",
        "Need and budget are there, but not before six months from now.",
        RENURTURE,
        Fault.NONE,
        cool_down_days=180,
    ),
    DefaultReason(
        "duplicate",
        "Duplicate or already in the pipeline",
        "Somebody is already working with them.",
        LINK,
        Fault.NONE,
    ),
    DefaultReason(
        "unresponsive",
        "Unresponsive",
        "The agreed attempts are logged and none was answered.",
        PASSIVE,
        Fault.NONE,
        requires_attempts=True,
    ),
    DefaultReason(
        "bad_data",
        "Bad data",
        "Name, address or number is wrong, so nobody can be reached.",
        ENRICH,
        Fault.FORM,
    ),
)


def ensure_reasons() -> list[str]:
    """Create what is missing and say what that was."""
    ensure_grants("handoff", GRANTS)
    if RejectionReason.objects.exists():
        return []
    RejectionReason.objects.bulk_create(
        RejectionReason(position=position, **{**reason._asdict(), "route": reason.route.code})
        for position, reason in enumerate(REASONS)
    )
    return [f"reason {reason.label}" for reason in REASONS]
