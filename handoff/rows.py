"""Open handoffs as lists show them: one statement, plain values, no model instances."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Left

from handoff.models import Handoff, SlaClock
from handoff.querysets import HandoffQuerySet
from people.models import User

LINE_LENGTH: Final = 160
WAITS_FOR: Final = {"answer": "to answer", "first_contact": "to first contact"}


class Row(NamedTuple):
    """The clock is the one that falls due first; none runs once contact was made."""

    handoff_id: int
    lead_id: int
    state: str
    stage: str
    name: str
    email: str | None
    title: str
    company: str | None
    lead_type: str | None
    temperature: str
    score: int
    problem: str | None
    engaged: str | None
    attempts: int
    offered_at: datetime
    owner: str | None
    queue_id: int | None
    clock: str | None
    due_at: datetime | None
    warn_at: datetime | None

    @property
    def who(self) -> str:
        return self.name or self.email or "Name unknown"

    @property
    def line(self) -> str:
        """The first line of the context card: the problem, else what they engaged with."""
        return ((self.problem or self.engaged or "").splitlines() or [""])[0]

    @property
    def is_offered(self) -> bool:
        return self.state == Handoff.State.OFFERED

    @property
    def waits_for(self) -> str:
        return WAITS_FOR.get(self.clock or "", "")

    def is_late(self, at: datetime) -> bool:
        return self.due_at is not None and self.due_at <= at


def rows_of(handoffs: HandoffQuerySet, limit: int) -> list[Row]:
    """By time left and then score; those without a running clock come last."""
    running = SlaClock.objects.filter(handoff=OuterRef("pk"), stopped_at=None).order_by("due_at")
    found = (
        handoffs.annotate(due_at=Subquery(running.values("due_at")[:1]))
        .order_by(F("due_at").asc(nulls_last=True), "-lead__score", "pk")
        .values_list(
            "pk",
            "lead_id",
            "state",
            "lead__stage",
            "lead__contact__name",
            "lead__contact__email",
            "lead__contact__title",
            "lead__company__name",
            "lead__lead_type__name",
            "lead__temperature",
            "lead__score",
            Left("lead__card__problem_indicated", LINE_LENGTH),
            Left("lead__card__content_engaged", LINE_LENGTH),
            "attempt_count",
            "offered_at",
            "owner__name",
            "queue_id",
            Subquery(running.values("kind")[:1]),
            "due_at",
            Subquery(running.values("warn_at")[:1]),
        )
    )
    return [Row(*row) for row in found[:limit]]


class QueueCount(NamedTuple):
    team_id: int
    team: str
    waiting: int


def waiting_in_queues(user: User) -> list[QueueCount]:
    """How many offers wait in each queue this person pulls from, empty queues left out."""
    return count_by_queue(Handoff.objects.offered().filter(owner=None, queue__in=user.team_ids))


def count_by_queue(offers: HandoffQuerySet) -> list[QueueCount]:
    counted = (
        offers.order_by("queue__name")
        .values_list("queue_id", "queue__name")
        .annotate(waiting=Count("pk"))
    )
    return [QueueCount(*row) for row in counted]
