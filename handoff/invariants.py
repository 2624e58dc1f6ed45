"""What must hold for every handoff at any moment (N-16)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from core.invariants import Check, Violation
from handoff.clock_kinds import CLOCK_KINDS, ClockKind
from handoff.models import Handoff, SlaClock, SlaTarget
from leads.models import Lead
from people.availability import MAY_ANSWER, STAFF
from people.models import Team

State = Handoff.State


# What is offered waits for somebody who may answer it; what nobody has waits with marketing.
WATCHED: Final = STAFF.filter(MAY_ANSWER | Q(team__function=Team.Function.MARKETING))


def open_leads_have_somebody(at: datetime) -> Iterator[Violation]:
    """History that was imported waits for nobody until it is offered."""
    offered = Handoff.objects.values("lead")
    leads = Lead.objects.open().filter(Q(is_historical=False) | Q(pk__in=offered))
    for lead in leads.filter(owner__is_active=False).order_by("pk"):
        yield Violation(f"lead {lead.pk}", f"it is with user {lead.owner_id}, who has left")
    is_staffed = Exists(WATCHED.filter(team=OuterRef("queue")))
    waiting = leads.filter(~is_staffed, owner=None).values_list("queue").annotate(Count("pk"))
    for team_id, number in waiting.order_by("queue"):
        yield Violation(f"team {team_id}", f"{number} leads wait there and nobody works in it")


def open_handoffs_have_somebody(at: datetime) -> Iterator[Violation]:
    handoffs = Handoff.objects.open()
    for handoff in handoffs.filter(owner__is_active=False).order_by("pk"):
        yield Violation(f"handoff {handoff.pk}", f"it is with user {handoff.owner_id}, who left")
    is_staffed = Exists(STAFF.filter(MAY_ANSWER, team=OuterRef("queue")))
    waiting = handoffs.filter(~is_staffed, owner=None).values_list("queue").annotate(Count("pk"))
    for team_id, number in waiting.order_by("queue"):
        yield Violation(f"team {team_id}", f"{number} offers wait there and nobody may answer them")


def leads_are_with_whom_they_are_offered_to(at: datetime) -> Iterator[Violation]:
    same_owner = Q(owner=F("lead__owner")) | Q(owner=None, lead__owner=None)
    same_queue = ~Q(owner=None) | Q(queue=F("lead__queue"))
    handoffs = Handoff.objects.open().select_related("lead")
    for handoff in handoffs.exclude(same_owner & same_queue).order_by("pk"):
        yield Violation(
            f"handoff {handoff.pk}", f"it and lead {handoff.lead_id} are with different people"
        )


def closed_leads_are_offered_to_nobody(at: datetime) -> Iterator[Violation]:
    handoffs = Handoff.objects.open().exclude(lead__closed_at=None)
    for handoff in handoffs.order_by("pk"):
        yield Violation(
            f"handoff {handoff.pk}", f"it is open, and lead {handoff.lead_id} is closed"
        )


def open_promises_run(at: datetime) -> Iterator[Violation]:
    """A promise that was made, or that its policy makes to all, and is not kept yet."""
    handoffs = Handoff.objects.open().filter(lead__is_historical=False)
    for kind in CLOCK_KINDS.values():
        owed = handoffs.filter(**{kind.done_field: None})
        for handoff in _without_clock(owed, kind).order_by("pk"):
            yield Violation(
                f"handoff {handoff.pk}", f"its promise of {kind.label.lower()} has no running clock"
            )


def _without_clock(handoffs: QuerySet[Handoff], kind: ClockKind) -> QuerySet[Handoff]:
    clocks = SlaClock.objects.filter(handoff=OuterRef("pk"), kind=kind.code)
    promises = SlaTarget.objects.filter(
        policy=OuterRef("policy"), clock=kind.code, lead_type=None, temperature=""
    )
    return handoffs.filter(
        Exists(clocks) | Exists(promises), ~Exists(clocks.filter(stopped_at=None))
    )


CHECKS: Final[Mapping[str, Check]] = {
    "every open lead has an active owner or a staffed queue": open_leads_have_somebody,
    "every open handoff has an active owner or a staffed queue": open_handoffs_have_somebody,
    "a lead is with whom it is offered to": leads_are_with_whom_they_are_offered_to,
    "a closed lead is offered to nobody": closed_leads_are_offered_to_nobody,
    "every open promise has a running clock": open_promises_run,
}
