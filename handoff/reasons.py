"""Hold the reasons of rejected and lost leads and reversed deals; see `leads.configuration`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from core.snapshot import Snapshot
from handoff.models import LossReason, RejectionReason, ReversalReason
from leads.configuration import current_stamp


@dataclass(frozen=True)
class Reasons:
    """All reasons in their order; forms offer the active ones."""

    rejection: tuple[RejectionReason, ...]
    loss: tuple[LossReason, ...]
    reversal: tuple[ReversalReason, ...]

    @cached_property
    def active_rejection(self) -> list[RejectionReason]:
        return [reason for reason in self.rejection if reason.is_active]

    @cached_property
    def active_loss(self) -> list[LossReason]:
        return [reason for reason in self.loss if reason.is_active]

    @cached_property
    def active_reversal(self) -> list[ReversalReason]:
        return [reason for reason in self.reversal if reason.is_active]


def labels(reasons: tuple[RejectionReason | LossReason | ReversalReason, ...]) -> Mapping[str, str]:
    return {reason.code: reason.label for reason in reasons}


def load() -> Reasons:
    return Reasons(
        tuple(RejectionReason.objects.order_by("position", "pk")),
        tuple(LossReason.objects.order_by("position", "pk")),
        tuple(ReversalReason.objects.order_by("position", "pk")),
    )


reasons: Snapshot[Reasons] = Snapshot(load, current_stamp)
