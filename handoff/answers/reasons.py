"""Create the reasons of a new installation: of rejected leads, lost leads and reversed deals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from handoff.models import LossReason, OutcomeReason, RejectionReason, ReversalReason
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
    Role.OPERATIONS: {"rejectionreason": EDIT, "lossreason": EDIT, "reversalreason": EDIT},
    Role.HANDOFF_OWNER: {"rejectionreason": VIEW, "lossreason": VIEW, "reversalreason": VIEW},
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
    credits_round_robin: bool = False


REASONS: Final = (
    DefaultReason(
        "not_icp",
        "Outside our customer profile",
        "Industry, size, region or role does not match the profile.",
        SUPPRESS,
        Fault.AUDIENCE,
    ),
    DefaultReason(
        "no_budget",
        "No budget or project canceled",
        "They want it but cannot pay for it in this budget cycle.",
        RENURTURE,
        Fault.NONE,
        cool_down_days=365,
    ),
    DefaultReason(
        "no_authority",
        "No authority",
        "The company fits, but this contact has no say in the purchase.",
        RETURN,
        Fault.AUDIENCE,
    ),
    DefaultReason(
        "bad_timing",
        "Bad timing",
        "Need and budget exist, but not within the next six months.",
        RENURTURE,
        Fault.NONE,
        cool_down_days=180,
    ),
    DefaultReason(
        "duplicate",
        "Duplicate or already in the pipeline",
        "A rep is already working with them.",
        LINK,
        Fault.NONE,
        credits_round_robin=True,
    ),
    DefaultReason(
        "unresponsive",
        "Unresponsive",
        "All required attempts are logged and got no response.",
        PASSIVE,
        Fault.NONE,
        requires_attempts=True,
    ),
    DefaultReason(
        "bad_data",
        "Bad data",
        "Name, email address or phone number is wrong, so the contact cannot be reached.",
        ENRICH,
        Fault.FORM,
        credits_round_robin=True,
    ),
)

LOSS_REASONS: Final = (
    ("competitor", "Chose a competitor"),
    ("no_decision", "No decision"),
    ("price", "Price"),
    ("missing_feature", "Missing capability"),
    ("budget_lost", "Budget lost"),
    ("stopped_responding", "Stopped responding"),
)
REVERSAL_REASONS: Final = (
    ("marked_by_mistake", "Marked won by mistake"),
    ("not_signed", "The contract was not signed"),
    ("withdrawn", "The customer withdrew from the contract"),
    ("not_paid", "The customer did not pay"),
)


def ensure_reasons() -> list[str]:
    """Create what is missing and return its names."""
    ensure_grants("handoff", GRANTS)
    return [
        *ensure_rejection_reasons(),
        *ensure_outcome_reasons(LossReason, LOSS_REASONS),
        *ensure_outcome_reasons(ReversalReason, REVERSAL_REASONS),
    ]


def ensure_rejection_reasons() -> list[str]:
    if RejectionReason.objects.exists():
        return []
    RejectionReason.objects.bulk_create(
        RejectionReason(
            position=position,
            key=position + 1,
            **{**reason._asdict(), "route": reason.route.code},
        )
        for position, reason in enumerate(REASONS)
    )
    return [f"reason {reason.label}" for reason in REASONS]


def ensure_outcome_reasons(
    model: type[OutcomeReason], reasons: Sequence[tuple[str, str]]
) -> list[str]:
    if model._default_manager.exists():
        return []
    model._default_manager.bulk_create(
        model(code=code, label=label, position=position)
        for position, (code, label) in enumerate(reasons)
    )
    return [f"{model._meta.verbose_name} {label}" for _, label in reasons]
