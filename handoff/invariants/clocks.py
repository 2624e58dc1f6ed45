"""Check that every SLA target that is owed has its clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from core.invariants import Check, Violation
from handoff.clock_kinds import CLOCK_KINDS, ClockKind
from handoff.models import Handoff, SlaClock, SlaTarget

NEVER: Final = Value(datetime(9999, 1, 1, tzinfo=UTC))


def owed_targets_have_clocks(at: datetime) -> Iterator[Violation]:
    """Find open handoffs that owe an SLA target and have no running clock for it."""
    handoffs = Handoff.objects.open().filter(lead__is_historical=False)
    for kind in CLOCK_KINDS.values():
        owed = handoffs.filter(**{kind.done_field: None}).exclude(**{kind.start_field: None})
        for handoff in _without_clock(owed, kind).order_by("pk"):
            yield Violation(
                f"handoff {handoff.pk}", f"its {kind.label.lower()} SLA has no running clock"
            )


def clocks_keep_the_policy_of_the_offer(at: datetime) -> Iterator[Violation]:
    clocks = SlaClock.objects.exclude(target__policy=F("handoff__policy"))
    for clock in clocks.order_by("pk"):
        yield Violation(f"handoff {clock.handoff_id}", "a timer has the target of another policy")


def handoffs_are_due_with_their_clocks(at: datetime) -> Iterator[Violation]:
    running = SlaClock.objects.filter(handoff=OuterRef("pk"), stopped_at=None).order_by("due_at")
    first_due = Coalesce(Subquery(running.values("due_at")[:1]), NEVER)
    handoffs = Handoff.objects.open().annotate(kept=Coalesce("due_at", NEVER), first_due=first_due)
    for handoff in handoffs.exclude(kept=F("first_due")).order_by("pk"):
        yield Violation(f"handoff {handoff.pk}", "it is not due with the first of its clocks")


def _without_clock(handoffs: QuerySet[Handoff], kind: ClockKind) -> QuerySet[Handoff]:
    clocks = SlaClock.objects.filter(handoff=OuterRef("pk"), kind=kind.code)
    targets = SlaTarget.objects.filter(
        policy=OuterRef("policy"),
        clock__in=(kind.code, kind.falls_back_on),
        lead_type=None,
        temperature="",
    )
    return handoffs.filter(
        Exists(clocks) | Exists(targets), ~Exists(clocks.filter(stopped_at=None))
    )


CHECKS: Final[Mapping[str, Check]] = {
    "every SLA target that is owed has a running clock": owed_targets_have_clocks,
    "every clock keeps the policy of its offer": clocks_keep_the_policy_of_the_offer,
    "every open handoff is due with the first of its clocks": handoffs_are_due_with_their_clocks,
}
