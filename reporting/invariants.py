"""The invariants of all apps, and that the figures are what the log gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import BigIntegerField, Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Least

import handoff.invariants
import leads.invariants
import people.invariants
from core.invariants import Check, Violation, in_slices
from handoff.acceptance_metric import REJECTED, first_answers
from leads.models import EventKind, LeadEvent
from reporting.facts.contract import ANSWERS, CAMPAIGN, HANDOFF, LEAD_TYPE, SOURCE, TOUCH, USER
from reporting.facts.lead_milestones import OPENINGS
from reporting.models import HandoffMilestones, LeadMilestones
from reporting.models.facts import SalesAnswer
from reporting.registry.dimensions import LABELS
from reporting.rollups.prove import find_differences
from reporting.rollups.refresh import count_new_events, exclusive, one_snapshot


def figures_equal_a_recount(at: datetime) -> Iterator[Violation]:
    for difference in find_differences(at=at):
        yield Violation(f"{difference.subject}, {difference.day}", difference.message)


def frozen_dimensions_do_not_move(at: datetime) -> Iterator[Violation]:
    """Compare what is counted with the events and offers that decided it."""
    events = LeadEvent.objects.counted().filter(lead=OuterRef("lead")).order_by("pk")
    opened = events.filter(kind__in=OPENINGS, occurred_at=OuterRef("opened_at"))
    first_answer = events.filter(
        kind__in=[EventKind.ACCEPTED, EventKind.REJECTED], occurred_at=OuterRef("answered_at")
    )
    for milestones in in_slices(LeadMilestones.objects.all()):
        rows = milestones.annotate(opened_by=Subquery(opened.values(number=_number(TOUCH))[:1]))
        for dimension in (SOURCE, CAMPAIGN, LEAD_TYPE):
            repaired = (
                events.filter(kind=EventKind.REPAIRED)
                .alias(entered=_number(dimension), repaired=_number(TOUCH))
                .exclude(entered=None)
                .filter(repaired=OuterRef("opened_by"))
                .order_by("-pk")
            )
            yield from _moved(rows, opened, dimension, dimension, repaired)
        yield from _moved(rows, first_answer, "owner", USER)
    answer = events.annotate(handoff=_number(HANDOFF)).filter(
        kind__in=ANSWERS, occurred_at=OuterRef("answered_at"), handoff=OuterRef("handoff_id")
    )
    for handoffs in in_slices(HandoffMilestones.objects.all()):
        answered_at = Least("accepted_at", "rejected_at", "cannot_evaluate_at")
        yield from _moved(handoffs.annotate(answered_at=answered_at), answer, "user", USER)
        for row in handoffs.exclude(temperature=F("handoff__temperature")).order_by("pk"):
            yield Violation(f"handoff {row.pk}", "its temperature is no longer that of the offer")


def handoffs_and_reports_agree(at: datetime) -> Iterator[Violation]:
    """Compare how many leads each person ever accepted and rejected with the figures as of now."""
    with exclusive(), one_snapshot():
        count_new_events(at)
        answered = first_answers(opened_since=datetime.min.replace(tzinfo=UTC))
        by_handoffs = _by_person(answered, "answered_by", REJECTED)
        milestones = LeadMilestones.objects.exclude(first_answer="")
        in_reports = _by_person(milestones, "owner", Q(first_answer=SalesAnswer.REJECTED))
        transaction.set_rollback(True)
    for user_id in sorted(by_handoffs.keys() | in_reports.keys()):
        handoffs, report = by_handoffs.get(user_id, (0, 0)), in_reports.get(user_id, (0, 0))
        if handoffs != report:
            yield Violation(
                f"user {user_id}",
                f"answered and rejected are {handoffs[0]} and {handoffs[1]} by the handoffs, "
                f"but {report[0]} and {report[1]} in the reports",
            )


def _by_person(rows: QuerySet[Any], person: str, rejected: Q) -> dict[int, tuple[int, int]]:
    counts = (
        rows.order_by()
        .values_list(person)
        .annotate(Count("pk"), rejected=Count("pk", filter=rejected))
    )
    return {user_id: (answered, number) for user_id, answered, number in counts}


def _moved(
    rows: QuerySet[Any],
    decided: QuerySet[LeadEvent],
    dimension: str,
    key: str,
    repaired: QuerySet[LeadEvent] | None = None,
) -> Iterator[Violation]:
    sources = [decided] if repaired is None else [repaired, decided]
    numbers = [Subquery(events.values(number=_number(key))[:1]) for events in sources]
    moved = (
        rows.annotate(event=Subquery(decided.values("pk")[:1]))
        .exclude(event=None)
        .annotate(
            counted=Coalesce(f"{dimension}_id", 0),
            frozen=Coalesce(*numbers, 0),
        )
        .exclude(counted=F("frozen"))
        .order_by("pk")
    )
    subject = str(rows.model._meta.verbose_name).split()[0]
    for row in moved:
        name = LABELS[dimension].lower()
        yield Violation(f"{subject} {row.pk}", f"its {name} is no longer that of the log")


def _number(key: str) -> Cast:
    return Cast(KeyTextTransform(key, "payload"), BigIntegerField())


CHECKS: Final[Mapping[str, Check]] = {
    **people.invariants.CHECKS,
    **leads.invariants.CHECKS,
    **handoff.invariants.CHECKS,
    "the dimensions of figures do not move": frozen_dimensions_do_not_move,
    "handoffs and reports count the same answers of each person": handoffs_and_reports_agree,
    "every figure is what a recount gives": figures_equal_a_recount,
}
