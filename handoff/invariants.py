"""Check that no lead and no handoff is ever without an owner or a staffed queue."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from core.invariants import Check, Violation
from handoff.clock_kinds import CLOCK_KINDS, ClockKind
from handoff.departures import gone
from handoff.models import Handoff, RuleSet, SlaClock, SlaTarget
from handoff.resurfacing import RESURFACED_WITHIN, due_leads
from handoff.waiting import OFFERED_WITHIN, assignments
from leads.models import Lead
from people.availability import ACTIVE_MEMBERSHIPS, CAN_ANSWER
from people.models import Team

State = Handoff.State


# Offered leads wait for a member who may answer; leads without an owner wait with marketing.
STAFFED_QUEUES: Final = ACTIVE_MEMBERSHIPS.filter(
    CAN_ANSWER | Q(team__function=Team.Function.MARKETING)
)


def changed_lately(at: datetime) -> QuerySet[Any, Any]:
    """Return the users whom the periodic reassignment may not have seen since their last change."""
    period = timedelta(seconds=settings.CELERY_BEAT_SCHEDULE["departures"]["schedule"])
    versions: QuerySet[Any] = apps.get_model("people", "UserEvent")._default_manager.all()
    return versions.filter(pgh_created_at__gt=at - period).values("pgh_obj_id")


def open_leads_have_an_owner(at: datetime) -> Iterator[Violation]:
    """Ignore imported leads that were never offered."""
    offered = Handoff.objects.values("lead")
    leads = Lead.objects.open().filter(Q(is_historical=False) | Q(pk__in=offered))
    left = leads.exclude(owner=None).filter(gone("owner")).exclude(owner__in=changed_lately(at))
    for lead in left.order_by("pk"):
        yield Violation(f"lead {lead.pk}", f"it is with user {lead.owner_id}, who has left")
    is_staffed = Exists(STAFFED_QUEUES.filter(team=OuterRef("queue")))
    waiting = leads.filter(~is_staffed, owner=None).values_list("queue").annotate(Count("pk"))
    for team_id, number in waiting.order_by("queue"):
        yield Violation(f"team {team_id}", f"{number} leads wait there, but no one works in it")


def open_handoffs_have_an_owner(at: datetime) -> Iterator[Violation]:
    handoffs = Handoff.objects.open()
    left = handoffs.exclude(owner=None).filter(gone("owner"))
    for handoff in left.exclude(owner__in=changed_lately(at)).order_by("pk"):
        yield Violation(f"handoff {handoff.pk}", f"it is with user {handoff.owner_id}, who left")
    is_staffed = Exists(ACTIVE_MEMBERSHIPS.filter(CAN_ANSWER, team=OuterRef("queue")))
    waiting = handoffs.filter(~is_staffed, owner=None).values_list("queue").annotate(Count("pk"))
    for team_id, number in waiting.order_by("queue"):
        yield Violation(
            f"team {team_id}", f"{number} offers wait there, but no one may answer them"
        )


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


def owed_targets_have_clocks(at: datetime) -> Iterator[Violation]:
    """Find open handoffs that owe an SLA target and have no running clock for it."""
    handoffs = Handoff.objects.open().filter(lead__is_historical=False)
    for kind in CLOCK_KINDS.values():
        owed = handoffs.filter(**{kind.done_field: None})
        for handoff in _without_clock(owed, kind).order_by("pk"):
            yield Violation(
                f"handoff {handoff.pk}", f"its {kind.label.lower()} SLA has no running clock"
            )


def returned_leads_stay_with_marketing(at: datetime) -> Iterator[Violation]:
    """Find leads that wait for a signal, their data or a date, and are with sales all the same."""
    offered = Handoff.objects.open().filter(lead=OuterRef("pk"))
    waiting = Lead.objects.open().exclude(returned_at=None)
    for lead in waiting.filter(Exists(offered)).order_by("pk"):
        yield Violation(f"lead {lead.pk}", "sales returned it, and it was offered without a reason")


def no_lead_is_past_its_date(at: datetime) -> Iterator[Violation]:
    for lead in due_leads(at - RESURFACED_WITHIN).order_by("pk"):
        yield Violation(f"lead {lead.pk}", f"it was to resurface on {lead.wake_on}")


def no_lead_waits_while_someone_is_free(at: datetime) -> Iterator[Violation]:
    """Ignore who became free lately, whom the job may not have seen."""
    since = at - OFFERED_WITHIN
    waiting = Handoff.objects.waiting().filter(offered_at__lte=since).values("lead")
    long_waiting = set(waiting.values_list("lead", flat=True))
    if not long_waiting or RuleSet.objects.filter(published_at__gt=since).exists():
        return
    assigned = [pair for pair in assignments(at=since) if pair[0] in long_waiting]
    lately = set(free_lately([user_id for _, user_id in assigned], since=since))
    for lead_id, user_id in assigned:
        if user_id not in lately:
            yield Violation(f"lead {lead_id}", f"it waits in a queue, and user {user_id} is free")


def free_lately(user_ids: Collection[int], *, since: datetime) -> Iterator[int]:
    """Yield those who finished a lead, or whose membership changed, after a moment."""
    closed = Handoff.objects.filter(owner__in=user_ids, closed_at__gt=since)
    yield from closed.values_list("owner", flat=True)
    versions: QuerySet[Any] = apps.get_model("people", "MembershipEvent")._default_manager.all()
    changed = versions.filter(user__in=user_ids, pgh_created_at__gt=since)
    yield from changed.values_list("user", flat=True)


def _without_clock(handoffs: QuerySet[Handoff], kind: ClockKind) -> QuerySet[Handoff]:
    clocks = SlaClock.objects.filter(handoff=OuterRef("pk"), kind=kind.code)
    targets = SlaTarget.objects.filter(
        policy=OuterRef("policy"), clock=kind.code, lead_type=None, temperature=""
    )
    return handoffs.filter(
        Exists(clocks) | Exists(targets), ~Exists(clocks.filter(stopped_at=None))
    )


CHECKS: Final[Mapping[str, Check]] = {
    "every open lead has an active owner or a staffed queue": open_leads_have_an_owner,
    "every open handoff has an active owner or a staffed queue": open_handoffs_have_an_owner,
    "a lead and its open handoff have the same owner": handoffs_and_leads_have_the_same_owner,
    "a closed lead has no open handoff": closed_leads_have_no_open_handoff,
    "a returned lead stays with marketing until it may be offered": (
        returned_leads_stay_with_marketing
    ),
    "no lead is past the date on which it resurfaces": no_lead_is_past_its_date,
    "no lead waits in a queue while someone is free to get it": no_lead_waits_while_someone_is_free,
    "every SLA target that is owed has a running clock": owed_targets_have_clocks,
}
