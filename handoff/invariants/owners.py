"""Check that no lead and no handoff is ever without an owner or a staffed queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from core.formatting import counted
from core.invariants import Check, Violation
from handoff.departed import gone
from handoff.departures import held_since_before
from handoff.models import Handoff
from leads.models import EventKind, Lead, LeadEvent
from people.availability import ACTIVE_MEMBERSHIPS, CAN_ANSWER
from people.models import Absence, Team

# Offered leads wait for a member who may answer; leads without an owner wait with marketing.
STAFFED_QUEUES: Final = ACTIVE_MEMBERSHIPS.filter(
    CAN_ANSWER | Q(team__function=Team.Function.MARKETING)
)
ANSWERS: Final = (EventKind.ACCEPTED, EventKind.REJECTED, EventKind.CANNOT_EVALUATE)


def open_leads_have_an_owner(at: datetime) -> Iterator[Violation]:
    """Ignore imported leads that were never offered."""
    offered = Handoff.objects.values("lead")
    leads = Lead.objects.open().filter(Q(is_historical=False) | Q(pk__in=offered))
    left = (
        leads.exclude(owner=None)
        .filter(gone("owner"))
        .exclude(owner__in=changed_lately("User", at))
    )
    for lead in left.order_by("pk"):
        yield Violation(f"lead {lead.pk}", f"it is with user {lead.owner_id}, who has left")
    is_staffed = Exists(STAFFED_QUEUES.filter(team=OuterRef("queue")))
    waiting = leads.filter(~is_staffed, owner=None).values_list("queue").annotate(Count("pk"))
    for team_id, number in waiting.order_by("queue"):
        leads_there = counted(number, "lead waits", "leads wait")
        yield Violation(f"team {team_id}", f"{leads_there} there, but no one works in it")


def open_handoffs_have_an_owner(at: datetime) -> Iterator[Violation]:
    handoffs = Handoff.objects.open()
    left = handoffs.exclude(owner=None).filter(gone("owner"))
    for handoff in left.exclude(owner__in=changed_lately("User", at)).order_by("pk"):
        yield Violation(f"handoff {handoff.pk}", f"it is with user {handoff.owner_id}, who left")
    is_staffed = Exists(ACTIVE_MEMBERSHIPS.filter(CAN_ANSWER, team=OuterRef("queue")))
    waiting = handoffs.filter(~is_staffed, owner=None).values_list("queue").annotate(Count("pk"))
    for team_id, number in waiting.order_by("queue"):
        offers_there = counted(number, "offer waits", "offers wait")
        yield Violation(f"team {team_id}", f"{offers_there} there, but no one may answer them")


def handoffs_and_leads_have_the_same_owner(at: datetime) -> Iterator[Violation]:
    same_owner = Q(owner=F("lead__owner")) | Q(owner=None, lead__owner=None)
    same_queue = ~Q(owner=None) | Q(queue=F("lead__queue"))
    handoffs = Handoff.objects.open().select_related("lead")
    for handoff in handoffs.exclude(same_owner & same_queue).order_by("pk"):
        yield Violation(
            f"handoff {handoff.pk}", f"it and lead {handoff.lead_id} have different owners"
        )


def closed_leads_have_no_open_handoff(at: datetime) -> Iterator[Violation]:
    handoffs = Handoff.objects.open().exclude(lead__closed_at=None)
    for handoff in handoffs.order_by("pk"):
        yield Violation(
            f"handoff {handoff.pk}", f"it is open, and lead {handoff.lead_id} is closed"
        )


def people_away_hold_no_unanswered_leads(at: datetime) -> Iterator[Violation]:
    """Find leads that time off was to reassign."""
    absences = Absence.objects.at(at).filter(reassigns_leads=True, starts_at__lte=at - period())
    for absence in absences.exclude(pk__in=changed_lately("Absence", at)).order_by("pk"):
        for lead in held_since_before(absence):
            yield Violation(f"lead {lead.pk}", f"it is with user {lead.owner_id}, who is away")


def answers_count_for_whoever_gave_them(at: datetime) -> Iterator[Violation]:
    """Compare the person credited with a handoff with the first answer in the log."""
    counted = LeadEvent.objects.counted()
    answers = counted.filter(lead=OuterRef("lead"), kind__in=ANSWERS).annotate(
        handoff=Cast(KeyTextTransform("handoff", "payload"), BigIntegerField())
    )
    first = answers.filter(handoff=OuterRef("pk")).order_by("pk")[:1]
    handoffs = Handoff.objects.exclude(answered_at=None).annotate(
        answered=Subquery(first.values("pk")), actor=Subquery(first.values("actor"))
    )
    wrong = handoffs.exclude(answered=None).exclude(answered_by=F("actor")).order_by("pk")
    for handoff_id, credited, actor in wrong.values_list("pk", "answered_by", "actor"):
        yield Violation(
            f"handoff {handoff_id}",
            f"it counts for user {credited}, but user {actor} answered it",
        )


def changed_lately(model: str, at: datetime) -> QuerySet[Any, Any]:
    """Return the rows that the periodic reassignment may not have seen since their last change."""
    versions: QuerySet[Any] = apps.get_model("people", f"{model}Event")._default_manager.all()
    return versions.filter(pgh_created_at__gt=at - period()).values("pgh_obj_id")


def period() -> timedelta:
    return timedelta(seconds=settings.CELERY_BEAT_SCHEDULE["departures"]["schedule"])


CHECKS: Final[Mapping[str, Check]] = {
    "every open lead has an active owner or a staffed queue": open_leads_have_an_owner,
    "every open handoff has an active owner or a staffed queue": open_handoffs_have_an_owner,
    "a lead and its open handoff have the same owner": handoffs_and_leads_have_the_same_owner,
    "a closed lead has no open handoff": closed_leads_have_no_open_handoff,
    "no one on time off holds leads that it was to reassign": people_away_hold_no_unanswered_leads,
    "every answer counts for whoever gave it": answers_count_for_whoever_gave_them,
}
